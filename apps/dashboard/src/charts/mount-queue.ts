const waiting: (() => void)[] = []
let scheduled = false

/** How long a chart may wait for an idle moment, ms. */
const PATIENCE_MS = 200

function schedule(): void {
  if (scheduled || waiting.length === 0) return
  scheduled = true
  const run = () => {
    scheduled = false
    waiting.shift()?.()
    schedule()
  }
  if (typeof requestIdleCallback === 'function') requestIdleCallback(run, { timeout: PATIENCE_MS })
  else setTimeout(run, 0)
}

/**
 * Runs mounts one at a time in idle moments, first come first served, so that a page of charts is
 * no long task. @returns takes it back while it still waits
 */
export function mountInTurn(mount: () => void): () => void {
  waiting.push(mount)
  schedule()
  return () => {
    const place = waiting.indexOf(mount)
    if (place >= 0) waiting.splice(place, 1)
  }
}
