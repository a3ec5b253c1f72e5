import type { IgnoredOption } from '@poolscope/protocol'

/** What the driver takes where nothing is given, ms. */
const DEFAULT_IDLE_TIMEOUT_MS = 60_000

/**
 * Options of a pool that have no effect. Names that the driver does not know it prints itself, and does not keep; what
 * it ignores without a word is an idle time-out while as many connections may be idle as there may be.
 * @returns `null` where none is found: other names cannot be seen
 */
export function ignoredOptions(config: Readonly<Record<string, unknown>>): IgnoredOption[] | null {
  const { connectionLimit, maxIdle, idleTimeout } = config
  const isGiven = typeof idleTimeout === 'number' && idleTimeout !== DEFAULT_IDLE_TIMEOUT_MS
  if (!isGiven || Number(maxIdle) < Number(connectionLimit)) return null
  return [{ name: 'idleTimeout', instead: 'maxIdle' }]
}
