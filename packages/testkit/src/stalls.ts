/** Looks at how long this process stands still. */
export type Stalls = {
  /** The longest that a timer was late since the look began, ms. */
  longestMs(): number
  /** How late its timers were altogether since then, ms. */
  totalMs(): number
  stop(): void
}

const EVERY_MS = 50

/**
 * Begins to look at how long this process stands still: a bound on the time that something took is fair when it
 * grows by that, as the machine is shared and whatever is measured in this process stood still as well.
 */
export function watchStalls(): Stalls {
  let longest = 0
  let total = 0
  let lastMs = performance.now()
  const look = () => {
    const nowMs = performance.now()
    const lateMs = Math.max(0, nowMs - lastMs - EVERY_MS)
    longest = Math.max(longest, lateMs)
    total += lateMs
    lastMs = nowMs
  }
  const timer = setInterval(look, EVERY_MS)
  return {
    longestMs: () => {
      look()
      return longest
    },
    totalMs: () => {
      look()
      return total
    },
    stop: () => clearInterval(timer),
  }
}
