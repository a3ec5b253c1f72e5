import type { SourceErrorCode } from '@poolscope/protocol'

/** What is known when an attempt failed. */
export type FailedAttempt = {
  code: SourceErrorCode
  /** Failures in a row before this one. */
  failures: number
  /** How long it has been failing, ms. */
  failingMs: number
  /** 0 up to, but not including, 1. */
  random: () => number
}

/**
 * Causes whose delay is known better than by doubling, as [least, most] ms. A full server forks a
 * process for each refusal, so it is not pressed; what a person has to mend is tried once a minute, below
 * what lock-out policies count.
 */
const FIXED_MS: Partial<Record<SourceErrorCode, readonly [number, number]>> = {
  connections_exhausted: [2000, 4500],
  starting_up: [1000, 3000],
  shutting_down: [1000, 3000],
  role_limit: [55_000, 60_000],
  auth_failed: [55_000, 60_000],
  permission_denied: [55_000, 60_000],
  database_missing: [55_000, 60_000],
  tls_failed: [55_000, 60_000],
  version_unsupported: [55_000, 60_000],
}

const LEAST_MS = 250
const FIRST_MS = 500
const MOST_MS = 30_000
/** An outage of less than a minute ends on the page within five seconds of its end. */
const EARLY_MOST_MS = 5000
const EARLY_MS = 60_000

/**
 * Delay before the next attempt to connect, ms, counted from the start of the failed one: full jitter
 * between 250 ms and 0.5 s doubled with each failure, at most 5 s in the first minute and 30 s after it.
 */
export function reconnectDelayMs(attempt: FailedAttempt): number {
  const fixed = FIXED_MS[attempt.code]
  const mostMs = attempt.failingMs < EARLY_MS ? EARLY_MOST_MS : MOST_MS
  const [fromMs, toMs] = fixed ?? [LEAST_MS, Math.min(mostMs, FIRST_MS * 2 ** Math.min(attempt.failures, 10))]
  return Math.round(fromMs + attempt.random() * (toMs - fromMs))
}
