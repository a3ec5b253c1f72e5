import {
  type AlertCounts,
  type CatalogueMessage,
  type Fleet as FleetAnswer,
  type HelloMessage,
  POOL_COLUMNS,
  PROTOCOL_VERSION,
  SERVER_COLUMNS,
  SERVER_STATES,
  STATUSES,
  type TickMessage,
} from '@poolscope/protocol'
import type { Row } from '../fleet/columns.ts'
import type { Fleet as LiveFleet } from '../fleet/fleet.ts'
import type { Tick } from '../fleet/fleet-series.ts'

/** The topics whose frames carry columns. */
export type ColumnTopic = 'fleet' | 'groups'

/** First message: the version, and everything that is true now. */
export function helloMessage(
  fleet: FleetAnswer,
  alerts: AlertCounts,
  agentVersion: string,
  { tickMs, isRecorded }: Pick<LiveFleet, 'tickMs' | 'isRecorded'>,
): HelloMessage {
  return {
    type: 'hello',
    protocol: PROTOCOL_VERSION,
    agentVersion,
    tickMs,
    atMs: fleet.atMs,
    poolColumns: POOL_COLUMNS,
    serverColumns: SERVER_COLUMNS,
    statuses: STATUSES,
    serverStates: SERVER_STATES,
    fleet,
    alerts,
    ...(isRecorded ? { recorded: true } : {}),
  }
}

/** The names and order behind the columns of a topic's ticks. */
export function catalogueMessage(fleet: FleetAnswer, topic: ColumnTopic, epoch: number): CatalogueMessage {
  return {
    type: 'catalogue',
    topic,
    epoch,
    groups: fleet.groups.map(({ id, service, name, system, origin, serverId }) => ({
      id,
      service,
      name,
      system,
      origin,
      serverId,
    })),
    pools:
      topic === 'groups'
        ? []
        : fleet.pools.map(({ id, groupId, service, name, instance, system, origin, serverId }) => ({
            id,
            groupId,
            service,
            name,
            instance,
            system,
            origin,
            serverId,
          })),
    servers: fleet.servers.map(({ id, name, system, address, version }) => ({
      id,
      name,
      system,
      address,
      version,
    })),
  }
}

/** What makes two catalogues the same: who is there, in which order, leading where. */
export function catalogueKey(fleet: FleetAnswer, topic: ColumnTopic): string {
  const parts = fleet.groups.map((group) => `${group.id}>${group.serverId}`)
  if (topic === 'fleet') for (const pool of fleet.pools) parts.push(`${pool.id}>${pool.serverId}`)
  for (const server of fleet.servers) parts.push(`${server.id}>${server.version}`)
  return parts.join(' ')
}

/** One tick of a topic: full state as columns. */
export function tickMessage(
  { fleet, rows }: Tick,
  alerts: AlertCounts,
  topic: ColumnTopic,
  epoch: number,
  sequence: number,
): TickMessage {
  return {
    type: 'tick',
    topic,
    sequence,
    epoch,
    atMs: fleet.atMs,
    droppedTotal: fleet.droppedTotal,
    alerts,
    groups: transposed(rows.groups, POOL_COLUMNS.length),
    pools: topic === 'groups' ? [] : transposed(rows.pools, POOL_COLUMNS.length),
    servers: transposed(rows.servers, SERVER_COLUMNS.length),
    reasons: { groups: reasonsOf(fleet.groups), servers: reasonsOf(fleet.servers) },
  }
}

function transposed(rows: readonly Row[], columns: number): Row[] {
  return Array.from({ length: columns }, (_, column) => rows.map((row) => row[column] as number | null))
}

function reasonsOf(list: readonly { reason: string | null }[]): [number, string][] {
  return list.flatMap(({ reason }, index): [number, string][] => (reason === null ? [] : [[index, reason]]))
}
