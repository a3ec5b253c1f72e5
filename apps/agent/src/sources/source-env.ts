/** What a source takes from outside, so that tests can hold time and chance in their hands. */
export type SourceEnv = {
  /** Wall clock, epoch ms. */
  now: () => number
  /** A clock that never jumps, ms. */
  elapsedMs: () => number
  /** 0 up to, but not including, 1. */
  random: () => number
}
