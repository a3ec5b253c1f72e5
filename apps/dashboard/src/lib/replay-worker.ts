/** Replays beside the page, so that the page stays responsive. It is cancelled by ending it. */
import { type ReplayRequest, replayJob } from './replay-job.ts'

addEventListener('message', ({ data }: MessageEvent<ReplayRequest>) => {
  for (const message of replayJob(data, () => performance.now())) postMessage(message)
})
