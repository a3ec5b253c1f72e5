import type { Turning } from '../core/knob.ts'
import { quietly } from '../core/replace.ts'
import { whole } from '../core/values.ts'
import type { PgClient, PgPool } from './shape.ts'

/** The inner part of `pg-pool` that a change of its size needs. */
type Inner = PgPool & {
  ending?: boolean
  _idle: { client: PgClient }[]
  /** Those that are closed instead of kept when they are given back. */
  _expired: WeakSet<PgClient>
  _remove(client: PgClient): void
  /** Serves the first who waits, where there is room. */
  _pulseQueue(): void
}

/**
 * How a `pg` pool is turned. The driver looks at `options.max` at each checkout, but it neither serves those who wait
 * already nor closes what is too many. Holds the pool weakly.
 * @returns `null` where the pool is not built as is known
 */
export function turningOf(pool: PgPool): Turning | null {
  if (!isInner(pool)) return null
  const known = new WeakRef(pool)
  return {
    max: () => whole(known.deref()?.options.max),
    turn(max) {
      const inner = known.deref()
      if (inner === undefined) return
      inner.options.max = max
      if (inner.ending !== true) settle(inner, max)
    },
  }
}

function isInner(pool: PgPool): pool is Inner {
  const inner = pool as Partial<Inner>
  return (
    Array.isArray(inner._idle) &&
    inner._expired instanceof WeakSet &&
    typeof inner._remove === 'function' &&
    typeof inner._pulseQueue === 'function'
  )
}

function settle(pool: Inner, max: number): void {
  for (let room = max - pool.totalCount; room > 0 && pool.waitingCount > 0; room--) pool._pulseQueue()
  while (pool.totalCount > max && pool._idle[0] !== undefined) pool._remove(pool._idle[0].client)
  if (pool.totalCount > max) closeAsReturned(pool)
}

/** Pools that are listened to already. */
const closing = new WeakSet<PgPool>()

/** Has connections closed as they are given back, until there are no more than there may be. */
function closeAsReturned(pool: Inner): void {
  if (closing.has(pool)) return
  closing.add(pool)
  const returned = (_error: unknown, client: PgClient) => {
    quietly(() => {
      const over = pool.totalCount - Number(pool.options.max)
      if (over > 0) pool._expired.add(client)
      if (over > 1) return
      closing.delete(pool)
      pool.removeListener('release', returned)
    })
  }
  pool.on('release', returned)
}
