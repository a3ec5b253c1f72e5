import type { GroupNow, PoolNow, ServerNow } from '@poolscope/protocol'
import { POOL_COLUMNS, SERVER_COLUMNS } from '@poolscope/protocol'
import { type Row, rowWithGaps } from '../fleet/columns.ts'
import type { Tick } from '../fleet/fleet-series.ts'
import type { HistoryTick, SeriesOf } from './history-store.ts'

/** Turns ticks of the fleet into what the store keeps; the list of series stays the same array while it can. */
export class TickOf {
  #series: readonly SeriesOf[] = []
  #names: string[] = []

  /** The numbers of one tick; what is stale is a gap. */
  take({ fleet, rows }: Tick): HistoryTick {
    const names = [
      ...fleet.pools.map(
        (pool) => `${pool.id} ${pool.serverId} ${pool.acquireTimeoutMs} ${pool.idleTimeoutMs}`,
      ),
      ...fleet.groups.map((group) => `${group.id} ${group.serverId}`),
      ...fleet.servers.map((server) => `${server.id} ${server.version} ${server.upstreamIds}`),
    ]
    const isSame = names.length === this.#names.length && names.every((name, i) => name === this.#names[i])
    if (!isSame) {
      this.#names = names
      this.#series = [
        ...fleet.pools.map(poolSeries),
        ...fleet.groups.map(groupSeries),
        ...fleet.servers.map(serverSeries),
      ]
    }
    const pools = fleet.pools.length + fleet.groups.length
    const values = new Float64Array(
      pools * POOL_COLUMNS.length + fleet.servers.length * SERVER_COLUMNS.length,
    )
    let at = 0
    const write = (
      list: readonly { stale: boolean }[],
      written: readonly Row[],
      columns: readonly string[],
    ) => {
      for (const [i, row] of written.entries()) {
        for (const value of rowWithGaps(row, columns, list[i]?.stale === true)) {
          values[at] = value === null ? Number.NaN : value
          at += 1
        }
      }
    }
    write(fleet.pools, rows.pools, POOL_COLUMNS)
    write(fleet.groups, rows.groups, POOL_COLUMNS)
    write(fleet.servers, rows.servers, SERVER_COLUMNS)
    return { atMs: fleet.atMs, series: this.#series, values }
  }
}

function poolSeries(pool: PoolNow): SeriesOf {
  const { id, groupId, service, name, instance, system, origin, serverId } = pool
  const { acquireTimeoutMs, idleTimeoutMs } = pool
  const about = {
    groupId,
    service,
    name,
    instance,
    system,
    origin,
    serverId,
    acquireTimeoutMs,
    idleTimeoutMs,
  }
  return { kind: 'pool', id, columns: POOL_COLUMNS, about }
}

function groupSeries({ id, service, name, system, origin, serverId }: GroupNow): SeriesOf {
  return { kind: 'group', id, columns: POOL_COLUMNS, about: { service, name, system, origin, serverId } }
}

function serverSeries({ id, name, system, version, address, upstreamIds }: ServerNow): SeriesOf {
  const about = { name, system, version, address, upstreamIds }
  return { kind: 'server', id, columns: SERVER_COLUMNS, about }
}
