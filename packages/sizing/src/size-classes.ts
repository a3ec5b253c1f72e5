/** A guide to connection pools, by its title. The guides disagree, so that each number keeps the name of its source. */
export const GUIDES = {
  patterns: 'Connection Patterns',
  reference: 'Connection Management Reference',
  antiPatterns: 'Connections: Critical Anti-Patterns',
  pooling: 'Connection Pooling',
  efficiently: 'Connection Pooling: Managing Database Connections Efficiently',
} as const
/** One of the guides. */
export type Guide = keyof typeof GUIDES

/** What a guide advises for an application of one size. */
export type SizeClass = {
  guide: Guide
  app: 'small' | 'medium' | 'large'
  /** What the numbers are counted per. */
  per: 'application' | 'application server'
  /** Connections at least and at most. */
  min: number
  max: number
  /** What the guide adds; null where it adds nothing. */
  note: string | null
}

/** Sizes by how large an application is, the smallest first; guide after guide. */
export const SIZE_CLASSES: readonly SizeClass[] = [
  { guide: 'patterns', app: 'small', per: 'application', min: 5, max: 10, note: 'start at 10' },
  { guide: 'reference', app: 'small', per: 'application server', min: 10, max: 20, note: '1 to 2 servers' },
  { guide: 'efficiently', app: 'small', per: 'application', min: 5, max: 10, note: null },
  { guide: 'patterns', app: 'medium', per: 'application', min: 20, max: 50, note: null },
  { guide: 'reference', app: 'medium', per: 'application server', min: 5, max: 10, note: '5 to 10 servers' },
  { guide: 'efficiently', app: 'medium', per: 'application', min: 10, max: 20, note: null },
  { guide: 'patterns', app: 'large', per: 'application', min: 50, max: 100, note: null },
  {
    guide: 'reference',
    app: 'large',
    per: 'application server',
    min: 2,
    max: 5,
    note: '50 servers and more, behind PgBouncer',
  },
  { guide: 'efficiently', app: 'large', per: 'application', min: 20, max: 50, note: null },
]

/** What a guide advises for a kind of pool. */
export type KindClass = {
  guide: Guide
  kind: 'database' | 'redis' | 'http' | 'grpc'
  max: readonly [least: number, most: number]
  min: readonly [least: number, most: number]
  idleTimeoutMs: readonly [shortest: number, longest: number]
}

const MINUTE_MS = 60_000

/** Sizes by what the pool leads to. */
export const KIND_CLASSES: readonly KindClass[] = [
  {
    guide: 'pooling',
    kind: 'database',
    max: [10, 100],
    min: [2, 5],
    idleTimeoutMs: [10 * MINUTE_MS, 30 * MINUTE_MS],
  },
  {
    guide: 'pooling',
    kind: 'redis',
    max: [10, 50],
    min: [2, 5],
    idleTimeoutMs: [5 * MINUTE_MS, 5 * MINUTE_MS],
  },
  { guide: 'pooling', kind: 'http', max: [10, 100], min: [2, 5], idleTimeoutMs: [MINUTE_MS, MINUTE_MS] },
  { guide: 'pooling', kind: 'grpc', max: [10, 50], min: [2, 5], idleTimeoutMs: [MINUTE_MS, MINUTE_MS] },
]

/** A pool's settings that a guide gives for an environment or as an example. */
export type Preset = {
  id: string
  guide: Guide
  name: string
  max: number
  min: number
  /** Null where the guide says nothing of it. */
  idleTimeoutMs: number | null
}

/** Settings that the guides give for an environment, or call good, too small or too large. */
export const PRESETS: readonly Preset[] = [
  { id: 'production', guide: 'pooling', name: 'Production', max: 20, min: 5, idleTimeoutMs: 30_000 },
  { id: 'development', guide: 'pooling', name: 'Development', max: 10, min: 2, idleTimeoutMs: 60_000 },
  { id: 'test', guide: 'pooling', name: 'Test', max: 5, min: 1, idleTimeoutMs: 5000 },
]

/** How a pool's max compares with what the guides call extreme. */
export type SizeWarning = 'too_small' | 'too_large'

/**
 * Whether a pool's most is one that the guides warn of: 2 and fewer make callers wait, 1000 and more exhaust a server.
 * @returns null when they say nothing against it
 * @example warnOfSize(1000) // 'too_large'
 */
export function warnOfSize(max: number): SizeWarning | null {
  if (max <= 2) return 'too_small'
  return max >= 1000 ? 'too_large' : null
}

/** What to do with a pool's max by what is measured of the pool. */
export type MaxAdvice = 'raise' | 'lower' | 'keep'

/** Waits longer than this ask for a larger pool, ms. By "Connection Patterns". */
const LONG_WAIT_MS = 100
/** More than this part idle asks for a smaller pool. By "Connection Patterns". */
const MOSTLY_IDLE_RATIO = 0.5

/**
 * What the guides advise for a pool under load: raise max when callers wait longer than 100 ms, lower it when more than
 * half of it is idle.
 * @param waitMs how long callers wait; null when not known
 * @param idleRatio idle connections of max; null when not known
 * @returns null when what is known decides nothing
 * @example adviseMax(150, 0.1) // 'raise'
 */
export function adviseMax(waitMs: number | null, idleRatio: number | null): MaxAdvice | null {
  if (waitMs !== null && waitMs > LONG_WAIT_MS) return 'raise'
  if (waitMs === null || idleRatio === null) return null
  return idleRatio > MOSTLY_IDLE_RATIO ? 'lower' : 'keep'
}
