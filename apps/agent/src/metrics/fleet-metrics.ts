import type {
  Alerts as AlertsAnswer,
  Fleet as FleetAnswer,
  HistoryStoreStatus,
  PoolNow,
} from '@poolscope/protocol'
import { EXPOSITION_BOUNDS_SEC } from '../fleet/durations.ts'
import type { Fleet } from '../fleet/fleet.ts'
import type { PoolEntry } from '../fleet/pool-entry.ts'
import { Exposition } from './exposition.ts'

/** What the agent says of itself in its metrics. */
export type AgentFacts = {
  version: string
  liveClients: number
  endedClientsTotal: number
  history: HistoryStoreStatus
}

/** Everything that the fleet knows, and of the agent itself, in the names of OpenTelemetry. */
export function fleetMetrics(fleet: Fleet, alerts: AlertsAnswer, agent: AgentFacts): string {
  const out = new Exposition()
  const snapshot = fleet.snapshot()
  for (const pool of snapshot.pools) if (!pool.stale) poolGauges(out, pool)
  for (const entry of fleet.entries()) poolTotals(out, entry)
  serverGauges(out, snapshot)
  alertGauges(out, alerts)
  agentFacts(out, fleet, snapshot, agent)
  return out.toString()
}

function labelsOf(pool: Pick<PoolNow, 'service' | 'name' | 'instance' | 'system' | 'origin'>) {
  return {
    service_name: pool.service,
    service_instance_id: pool.instance,
    db_client_connection_pool_name: pool.name,
    db_system_name: pool.system,
    origin: pool.origin,
  }
}

function poolGauges(out: Exposition, pool: PoolNow): void {
  const labels = labelsOf(pool)
  const states = { used: pool.inUse, idle: pool.idle, connecting: pool.connecting }
  for (const [state, value] of Object.entries(states)) {
    out.gauge(
      'db_client_connection_count',
      'Connections of the pool by state.',
      { ...labels, db_client_connection_state: state },
      value,
    )
  }
  out.gauge('db_client_connection_max', 'Most connections the pool may open.', labels, pool.max)
  out.gauge('db_client_connection_idle_min', 'Connections the pool keeps open.', labels, pool.min)
  out.gauge(
    'db_client_connection_pending_requests',
    'Callers without a connection yet.',
    labels,
    pool.waiting,
  )
}

function poolTotals(out: Exposition, entry: PoolEntry): void {
  const { totals, durations, last } = entry
  const labels = labelsOf({ ...entry, name: last.name, system: last.system, origin: 'probe' })
  const counters = {
    db_client_connection_timeouts_total: ['Callers that gave up waiting.', totals.timeouts],
    poolscope_pool_checkouts_total: ['Connections handed out.', totals.checkouts],
    poolscope_pool_errors_total: ['Callers that got an error instead of a connection.', totals.errors],
    poolscope_pool_connections_created_total: ['Connections opened.', totals.created],
    poolscope_pool_connections_destroyed_total: ['Connections closed.', totals.destroyed],
  } as const
  for (const [name, [help, value]] of Object.entries(counters)) out.counter(name, help, labels, value)
  const histograms = {
    db_client_connection_wait_time_seconds: [
      'From asking for a connection until having it.',
      durations.exposition('wait'),
    ],
    db_client_connection_use_time_seconds: [
      'From having a connection until giving it back.',
      durations.exposition('hold'),
    ],
    db_client_connection_create_time_seconds: ['Opening a connection.', durations.exposition('create')],
  } as const
  for (const [name, [help, { counts, sumSec }]] of Object.entries(histograms)) {
    out.histogram(name, help, labels, EXPOSITION_BOUNDS_SEC, counts, sumSec)
  }
}

function serverGauges(out: Exposition, { servers }: FleetAnswer): void {
  for (const server of servers) {
    const labels = { server: server.name, server_address: server.address, db_system_name: server.system }
    out.gauge(
      'poolscope_server_up',
      '1 when the last sample succeeded.',
      labels,
      server.state === 'up' && !server.stale ? 1 : 0,
    )
    if (server.stale) continue
    const { total: _total, ...states } = server.connections
    for (const [state, value] of Object.entries(states)) {
      out.gauge('poolscope_server_connections', 'Client connections by state.', { ...labels, state }, value)
    }
    out.gauge(
      'poolscope_server_max_connections',
      'Most connections it accepts.',
      labels,
      server.maxConnections,
    )
    out.gauge(
      'poolscope_server_reserved_connections',
      'Slots that ordinary users cannot have.',
      labels,
      server.reservedConnections,
    )
    out.gauge(
      'poolscope_server_sample_seconds',
      'How long the last sample took.',
      labels,
      server.sampleMs === null ? null : server.sampleMs / 1000,
    )
  }
}

/** Alerts by rule, severity and state; what is over is not among them. */
function alertGauges(out: Exposition, { alerts, notifiers }: AlertsAnswer): void {
  const counts = new Map<string, { labels: Record<string, string>; count: number }>()
  for (const { rule, severity, state } of alerts) {
    if (state === 'resolved') continue
    const labels = { rule, severity, state }
    const key = JSON.stringify(labels)
    counts.set(key, { labels, count: (counts.get(key)?.count ?? 0) + 1 })
  }
  for (const { labels, count } of counts.values()) {
    out.gauge('poolscope_alerts', 'Alerts that fire or are pending.', labels, count)
  }
  for (const { name, type, sentTotal, failedTotal, droppedTotal, queued } of notifiers) {
    const labels = { notifier: name, type }
    out.counter('poolscope_notifications_sent_total', 'Messages that were taken.', labels, sentTotal)
    out.counter('poolscope_notifications_failed_total', 'Attempts that failed.', labels, failedTotal)
    out.counter('poolscope_notifications_dropped_total', 'Messages given up.', labels, droppedTotal)
    out.gauge('poolscope_notifications_queued', 'Messages that wait.', labels, queued)
  }
}

function agentFacts(out: Exposition, fleet: Fleet, snapshot: FleetAnswer, agent: AgentFacts): void {
  out.gauge('poolscope_build_info', 'The agent’s version.', { version: agent.version }, 1)
  out.gauge('poolscope_pools', 'Pools known, observed ones included.', {}, snapshot.pools.length)
  out.gauge('poolscope_live_clients', 'Open live sockets.', {}, agent.liveClients)
  out.counter('poolscope_reports_total', 'Reports taken in.', {}, fleet.reportsTotal)
  out.counter('poolscope_dropped_total', 'Samples, pools and frames left out.', {}, fleet.droppedTotal)
  out.counter(
    'poolscope_live_frames_skipped_total',
    'Frames that slow clients did not get.',
    {},
    fleet.skippedFramesTotal,
  )
  out.counter(
    'poolscope_live_clients_ended_total',
    'Clients ended for not keeping up.',
    {},
    agent.endedClientsTotal,
  )
  historyFacts(out, agent.history)
  out.gauge('process_resident_memory_bytes', 'Resident memory.', {}, process.memoryUsage.rss())
  const { user, system } = process.cpuUsage()
  out.counter('process_cpu_seconds_total', 'User and system CPU time.', {}, (user + system) / 1e6)
}

function historyFacts(out: Exposition, history: HistoryStoreStatus): void {
  const { state, bytes, budgetBytes, brokenPieces, storedTicksTotal, lostTicksTotal } = history
  out.gauge('poolscope_history_up', '1 while ticks are kept.', {}, state === 'ok' ? 1 : 0)
  out.gauge('poolscope_history_bytes', 'Size of the files of the history.', {}, bytes)
  out.gauge('poolscope_history_budget_bytes', 'What the history may grow to.', {}, budgetBytes)
  out.gauge('poolscope_history_broken_pieces', 'Pieces that are not what was written.', {}, brokenPieces)
  out.counter('poolscope_history_ticks_total', 'Ticks kept.', {}, storedTicksTotal)
  out.counter('poolscope_history_lost_ticks_total', 'Ticks that could not be kept.', {}, lostTicksTotal)
}
