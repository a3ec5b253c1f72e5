import type { Connections, Session } from '@poolscope/protocol'
import { cleanName, cleanNameOrNull } from './clean-name.ts'
import { type ConsoleRow, countIn, numberIn, textIn, waitMsIn } from './pgbouncer-console.ts'

/** The database under which the admin console is reached, which is no pool. */
export const CONSOLE = 'pgbouncer'

const WAITING = 'waiting for a server connection'

/**
 * Client connections by what they do. A client is active while it has a server connection or waits for one, and idle
 * without; both from SHOW POOLS, where one server connection in use is one client that has it. Those of the admin
 * console, also the agent's own, those that log in and those that ask for a cancellation are `other`. Whether an
 * active one idles in its transaction is not seen from a pooler.
 * @param logins clients that have not logged in yet
 */
export function countClients(pools: readonly ConsoleRow[], logins: number | null): Connections {
  const counts = { active: 0, idle: 0, other: 0 }
  for (const row of pools) {
    counts.other += countIn(row, 'cl_active_cancel_req') + countIn(row, 'cl_waiting_cancel_req')
    const clients = countIn(row, 'cl_active')
    const waiting = countIn(row, 'cl_waiting')
    if (row.database === CONSOLE) {
      counts.other += clients + waiting
      continue
    }
    const linked = linkedClients(row)
    counts.active += linked + waiting
    counts.idle += clients - linked
  }
  const other = logins === null ? null : counts.other + logins
  const total = other === null ? null : counts.active + counts.idle + other
  return { active: counts.active, idle: counts.idle, idleInTransaction: null, other, total }
}

/** Clients of a pool that have one of its connections; `cl_active` also counts those that idle. */
export function linkedClients(pool: ConsoleRow): number {
  return Math.min(countIn(pool, 'cl_active'), countIn(pool, 'sv_active'))
}

/** Clients but those of the admin console and those that only ask for a cancellation. */
export function toSessions(clients: readonly ConsoleRow[]): Omit<Session, 'poolId'>[] {
  // The newest request is the one that asked for this list, so that it tells the pooler's time in its own zone.
  const nowMs = Math.max(...clients.map((row) => timeIn(row, 'request_time') ?? Number.NEGATIVE_INFINITY))
  const listed = clients.filter(
    (row) => row.database !== CONSOLE && textIn(row, 'state')?.endsWith('cancel_req') !== true,
  )
  return listed.map((row) => toSession(row, nowMs))
}

function toSession(row: ConsoleRow, nowMs: number): Omit<Session, 'poolId'> {
  const waits = textIn(row, 'state')?.startsWith('waiting') === true
  const connectedAtMs = timeIn(row, 'connect_time')
  const address = textIn(row, 'addr')
  return {
    pid: clientId(row),
    application: cleanName(textIn(row, 'application_name') ?? ''),
    user: cleanNameOrNull(textIn(row, 'user')),
    database: cleanNameOrNull(textIn(row, 'database')),
    clientAddress: address === null || address.startsWith('unix') ? null : cleanName(address),
    state: waits || textIn(row, 'link') !== null ? 'active' : 'idle',
    waitEventType: waits ? 'Pooler' : null,
    waitEvent: waits ? WAITING : null,
    connectedMs: connectedAtMs === null ? null : Math.max(0, nowMs - connectedAtMs),
    stateMs: waits ? waitMsIn(row, 'wait', 'wait_us') : null,
    transactionMs: null,
  }
}

/** A number that stays the same while the client does: its own, or before 1.24 the address of its record. */
function clientId(row: ConsoleRow): number {
  return numberIn(row, 'id') ?? countIn(row, 'ptr')
}

/** A time of the pooler's clock and zone, as if it were UTC: good for differences. */
function timeIn(row: ConsoleRow, column: string): number | null {
  const [date, time] = (textIn(row, column) ?? '').split(' ')
  const ms = Date.parse(`${date}T${time}Z`)
  return Number.isNaN(ms) ? null : ms
}
