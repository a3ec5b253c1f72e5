import type { SizePrediction } from '@poolscope/sizing'
import type { Hand, HandRequest } from './replay-share.ts'

/** Threads beyond these gain little: each has to put the record together for itself. */
const MOST_HANDS = 3
/** Cores that are busy already: with the page, and with the worker that shares. On these two, a third thread only slows both. */
const TAKEN_CORES = 2

/**
 * Starts workers that help the one which calls this, from its own script. They end with it. None where the machine has
 * no core left for one, or the browser lets no worker start another.
 */
export function startHands(): Hand[] {
  if (typeof Worker === 'undefined') return []
  const count = Math.max(0, Math.min(MOST_HANDS, navigator.hardwareConcurrency - TAKEN_CORES))
  return Array.from({ length: count }, startHand)
}

function startHand(): Hand {
  const worker = new Worker(location.href, { type: 'module' })
  const ask = (request: HandRequest) => worker.postMessage(request)
  let failed = false
  let answer: (sizes: SizePrediction[] | null) => void = () => {}
  worker.addEventListener('message', ({ data }: MessageEvent<SizePrediction[]>) => answer(data))
  worker.addEventListener('error', (event) => {
    event.preventDefault()
    failed = true
    answer(null)
  })
  return {
    read: (record) => ask({ kind: 'record', record }),
    replay: (share) =>
      new Promise((resolve) => {
        if (failed) return resolve(null)
        answer = resolve
        ask({ kind: 'share', share })
      }),
  }
}
