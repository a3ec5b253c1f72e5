import type { Prediction } from '@poolscope/sizing'
import { startTransition, useCallback, useEffect, useReducer, useRef } from 'react'
import { afterPaint } from './after-paint.ts'
import { ask, readingWorker } from './replay-ahead.ts'
import type { Found, PoolSettings, Recorded, ReplayMessage } from './replay-job.ts'

/** How far a replay has come, and what it has found so far. */
export type ReplayState = {
  phase: 'running' | 'done' | 'cancelled' | 'failed'
  /** Whose record there is; null where there is none, undefined while that is not known. */
  found: Found | null | undefined
  /** Why the record did not come; null when it did. */
  unread: string | null
  stage: 'recent' | 'whole'
  /** Share of the stage, 0 to 1. */
  ratio: number
  recorded: Recorded | null
  /** Of the last stage that was finished. */
  prediction: Prediction | null
  /** Why it failed; null when it did not. */
  error: string | null
}

const BEGUN: ReplayState = {
  phase: 'running',
  found: undefined,
  unread: null,
  stage: 'recent',
  ratio: 0,
  recorded: null,
  prediction: null,
  error: null,
}

type Event = ReplayMessage | { kind: 'begin' | 'cancel' }

/** Takes in one message of the worker, or a person's wish. */
export function replayReducer(state: ReplayState, event: Event): ReplayState {
  switch (event.kind) {
    case 'begin':
      return { ...BEGUN, found: state.found }
    case 'cancel':
      return state.phase === 'running' ? { ...state, phase: 'cancelled' } : state
    case 'found':
      return { ...state, found: event.record }
    case 'unread':
      return { ...state, phase: 'failed', unread: event.message }
    case 'recorded':
      return { ...state, recorded: event.recorded }
    case 'progress':
      return { ...state, stage: event.stage, ratio: event.ratio }
    case 'prediction':
      return { ...state, prediction: event.prediction }
    case 'done':
      return { ...state, phase: 'done', ratio: 1 }
    case 'failed':
      return { ...state, phase: 'failed', error: event.message }
  }
}

/** How a record is to be replayed. */
export type ReplayWish = {
  /** Settings of the pools that it may be of. */
  pools: PoolSettings
  /** Counts up when the record is asked for anew. */
  attempt: number
}

/**
 * Replays in a worker of its own, or in the one that was started ahead, which ends with the component, when cancelled,
 * and when it is done.
 * @param groupId whose record; null replays nothing
 * @param wish memoise it: another object is another replay. Null while it is not known: the record is read by then
 */
export function useReplay(
  groupId: string | null,
  wish: ReplayWish | null,
): {
  state: ReplayState
  cancel: () => void
} {
  const [state, tell] = useReducer(replayReducer, BEGUN)
  const reading = useRef<Worker | null>(null)
  const running = useRef<Worker | null>(null)
  const end = useCallback(() => {
    running.current?.terminate()
    running.current = null
  }, [])
  // The record comes, and is made ready, while the settings are still asked for.
  useEffect(() => {
    if (groupId === null) return
    const worker = readingWorker(groupId)
    const forget = () => {
      if (reading.current === worker) reading.current = null
    }
    reading.current = worker
    // Did not start: whoever asks begins with another, and says so when that does not either.
    worker.addEventListener('error', forget)
    return () => {
      reading.current?.terminate()
      forget()
    }
  }, [groupId])
  useEffect(() => {
    if (groupId === null || wish === null) return
    tell({ kind: 'begin' })
    const worker = reading.current ?? readingWorker(groupId)
    reading.current = null
    running.current = worker
    const painted = new Promise<void>((resolve) => afterPaint(resolve))
    worker.addEventListener('message', async ({ data }: MessageEvent<ReplayMessage>) => {
      // An answer may be there at once: the page around it is laid out before, and not in one piece with it.
      await painted
      if (running.current !== worker) return
      // Charts take a while to draw: in pieces, so that the page answers in between.
      startTransition(() => tell(data))
      if (data.kind === 'done' || data.kind === 'failed' || data.kind === 'unread') end()
    })
    worker.addEventListener('error', () => {
      tell({ kind: 'failed', message: 'the worker that replays did not start' })
      end()
    })
    ask(worker, { kind: 'replay', pools: wish.pools })
    return end
  }, [groupId, wish, end])
  const cancel = useCallback(() => {
    end()
    tell({ kind: 'cancel' })
  }, [end])
  return { state, cancel }
}
