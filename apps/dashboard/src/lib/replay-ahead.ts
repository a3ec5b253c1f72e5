import type { ReplayRequest } from './replay-job.ts'

/** A worker that nobody has taken over by then is not wanted, ms. */
const UNTAKEN_MS = 10_000

/** The worker that was started ahead. */
let ahead: { groupId: string; worker: Worker } | null = null

/**
 * Starts the worker of a replay that somebody is about to ask for: when they do, the record is there, the code is compiled,
 * and a first answer may be found. It ends where nobody takes it over.
 */
export function readAhead(groupId: string): void {
  if (ahead?.groupId === groupId) return
  ahead?.worker.terminate()
  const worker = start(groupId)
  ahead = { groupId, worker }
  const end = () => {
    if (ahead?.worker !== worker) return
    worker.terminate()
    ahead = null
  }
  // Did not start: whoever asks begins with another.
  worker.addEventListener('error', end)
  setTimeout(end, UNTAKEN_MS)
}

/** Starts it where a page is opened at the calculator of a pool: its own code is still to come. */
export function readAheadOf({ pathname, search }: Pick<Location, 'pathname' | 'search'>): void {
  const pool = new URLSearchParams(search).get('pool')
  if (pathname === '/size' && pool !== null && pool !== '') readAhead(pool)
}

/** A worker that reads the record of a pool: the one that was started ahead, where there is one. */
export function readingWorker(groupId: string): Worker {
  if (ahead?.groupId !== groupId) return start(groupId)
  const { worker } = ahead
  ahead = null
  return worker
}

function start(groupId: string): Worker {
  const worker = new Worker(new URL('./replay-worker.ts', import.meta.url), { type: 'module' })
  ask(worker, { kind: 'read', groupId })
  return worker
}

/** Asks a replay's worker. */
export function ask(worker: Worker, request: ReplayRequest): void {
  worker.postMessage(request)
}
