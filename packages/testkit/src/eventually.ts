import { setTimeout as sleep } from 'node:timers/promises'

/** How long to go on asking, and how often. */
export type EventuallyOptions = {
  /** Default 45,000 ms. Time in which this process stood still is not counted: nothing could come about in it. */
  timeoutMs?: number
  /** Pause between two attempts, 20 ms by default. */
  everyMs?: number
}

/**
 * Waits for something to become true: calls `attempt` until it answers anything but `false` without throwing.
 * @returns that answer
 * @throws Error after the time-out, with what was thrown last as its cause
 * @example const frame = await eventually(() => frames.find((one) => one.type === 'tick') ?? false)
 */
export async function eventually<Result>(
  attempt: () => Result | Promise<Result>,
  { timeoutMs = 45_000, everyMs = 20 }: EventuallyOptions = {},
): Promise<Exclude<Result, false>> {
  let endMs = performance.now() + timeoutMs
  for (;;) {
    let cause: unknown
    try {
      const result = await attempt()
      if (result !== false) return result as Exclude<Result, false>
    } catch (error) {
      cause = error
    }
    if (performance.now() >= endMs) {
      const last = cause instanceof Error ? `: ${cause.message}` : ''
      throw new Error(`Not within ${timeoutMs} ms${last}`, { cause })
    }
    const asleepMs = performance.now()
    await sleep(everyMs)
    endMs += performance.now() - asleepMs - everyMs
  }
}
