const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
/**
 * A terminal sends Ctrl-C to all its programs, and npm passes its own one on: the same key press arrives
 * twice within milliseconds, and is not a person losing patience.
 */
const SAME_PRESS_MS = 750

/** Until when the process runs. */
export type StopSignal = {
  /** Aborted by the first signal. */
  signal: AbortSignal
  /** Lets go of the signals. */
  release(): void
}

/** Turns the first signal into an abort, and calls `force` on a later one. */
export function stopSignal(force: () => void): StopSignal {
  const controller = new AbortController()
  let firstMs: number | null = null
  const onSignal = () => {
    const nowMs = performance.now()
    firstMs ??= nowMs
    if (nowMs - firstMs > SAME_PRESS_MS) force()
    else controller.abort()
  }
  for (const name of SIGNALS) process.on(name, onSignal)
  return {
    signal: controller.signal,
    release: () => {
      for (const name of SIGNALS) process.off(name, onSignal)
    },
  }
}

/** Resolves when it is aborted. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
