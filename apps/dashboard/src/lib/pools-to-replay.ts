import type { GroupDetail, History } from '@poolscope/protocol'
import { type PoolToReplay, poolToReplay } from '@poolscope/sizing'
import type { PoolSettings } from './replay-job.ts'

/** The pools of a group that can be replayed, by their ids. */
export function poolsToReplay({
  detail,
  history,
}: {
  detail: GroupDetail
  history: History
}): ReadonlyMap<string, PoolToReplay> {
  const openedMs = history.columns.createP95Ms ?? []
  return new Map(
    detail.pools.flatMap((pool) => {
      const from = poolToReplay(pool, openedMs)
      return from === null ? [] : [[pool.id, from] as const]
    }),
  )
}

/** What a replay of them is asked with. */
export function settingsOf(pools: ReadonlyMap<string, PoolToReplay>): PoolSettings {
  return new Map([...pools].map(([id, { pool }]) => [id, pool]))
}
