import type { PoolNow } from '@poolscope/protocol'
import type { ReactNode } from 'react'
import { Link } from 'wouter'
import { formatAge, formatCount, formatMs, UNKNOWN } from '../lib/format.ts'
import { serverHref } from '../lib/href.ts'
import { type Moving, sameItems, useMoving } from '../lib/moving.ts'
import { Card } from '../ui/Card.tsx'
import { NamedValues } from '../ui/NamedValues.tsx'

/** One text for all instances, or each value that occurs: instances with other settings are worth seeing. */
function among(pools: readonly PoolNow[], textOf: (pool: PoolNow) => string): string {
  const texts = [...new Set(pools.map(textOf))]
  return texts.length <= 3 ? texts.join(' or ') : `${texts.slice(0, 3).join(', ')} …`
}

/** How long the processes have been up, from the youngest to the oldest. */
function upFor(pools: readonly PoolNow[], nowMs: number): string {
  const ages = pools.flatMap(({ startedAtMs }) =>
    startedAtMs === null ? [] : Math.max(0, nowMs - startedAtMs),
  )
  if (ages.length === 0) return UNKNOWN
  const [youngest, oldest] = [formatAge(Math.min(...ages)), formatAge(Math.max(...ages))]
  return youngest === oldest ? oldest : `${youngest} to ${oldest}`
}

/** A time-out of a pool whose probe reports; null means that it never ends. */
function timeout(pool: PoolNow, ms: number | null, never: string): string {
  if (ms !== null) return formatMs(ms)
  return pool.origin === 'observed' ? UNKNOWN : never
}

/** Each setting in words. */
const settingsOf = (pools: readonly PoolNow[], nowMs: number): readonly [string, string][] => [
  ['Most connections (max)', among(pools, (pool) => formatCount(pool.max))],
  ['Kept open (min)', among(pools, (pool) => formatCount(pool.min))],
  ['Acquire time-out', among(pools, (pool) => timeout(pool, pool.acquireTimeoutMs, 'none: waits for ever'))],
  ['Idle time-out', among(pools, (pool) => timeout(pool, pool.idleTimeoutMs, 'none: stays open'))],
  ['Process up for', upFor(pools, nowMs)],
]

/** How the pool is set, per instance, and the server that it leads to. */
export function PoolSettings({
  of,
  serverId,
  serverName,
}: {
  of: Moving<{ pools: readonly PoolNow[]; atMs: number }>
  serverId: string | null
  serverName: string | null
}) {
  const settings = useMoving(
    of,
    ({ pools, atMs }) => settingsOf(pools, atMs),
    (before, now) => sameItems(before.flat(), now.flat()),
  )
  const instances = useMoving(of, ({ pools }) => pools.length)
  const server: ReactNode =
    serverId === null ? (
      'not among the watched ones'
    ) : (
      <Link href={serverHref(serverId)}>{serverName ?? serverId}</Link>
    )
  return (
    <Card title="Settings" note={instances > 1 ? 'each instance' : undefined}>
      <NamedValues values={[...settings, ['Server', server]]} />
    </Card>
  )
}
