import type { Connections, Session } from '@poolscope/protocol'
import { cleanName, cleanNameOrNull } from './clean-name.ts'

export type ProcessRow = {
  id: number | string
  user: string | null
  host: string | null
  db: string | null
  command: string | null
  time: number | string | null
  state: string | null
}

/** Threads of the server itself, replicas and those that have not logged in yet are no clients. */
const SYSTEM_COMMANDS = new Set([
  'Daemon',
  'Binlog Dump',
  'Binlog Dump GTID',
  'Connect',
  'Slave_IO',
  'Slave_SQL',
  'Slave_worker',
])
const SYSTEM_USERS = new Set(['system user', 'event_scheduler', 'unauthenticated user'])

type Kind = 'active' | 'idle' | 'idleInTransaction' | 'other'

/** What a process list says, with open transactions by connection; null where they may not be read. */
export type ProcessList = {
  rows: readonly ProcessRow[]
  transactions: ReadonlyMap<number, number> | null
  programs: ReadonlyMap<number, string>
  ownId: number
}

function kindOf(row: ProcessRow, { transactions, ownId }: ProcessList): Kind {
  if (Number(row.id) === ownId) return 'other'
  if (SYSTEM_COMMANDS.has(row.command ?? '') || SYSTEM_USERS.has(row.user ?? '')) return 'other'
  if (row.command !== 'Sleep') return 'active'
  return transactions?.has(Number(row.id)) === true ? 'idleInTransaction' : 'idle'
}

/** A connection of a client takes one of max_connections; a thread of the server itself does not. */
function isClient(row: ProcessRow): boolean {
  return !SYSTEM_COMMANDS.has(row.command ?? '') && !SYSTEM_USERS.has(row.user ?? '')
}

/** Counts by what connections do, with the agent's own under `other`. */
export function countProcesses(list: ProcessList): Connections {
  const counts = { active: 0, idle: 0, idleInTransaction: 0, other: 0 }
  for (const row of list.rows) if (isClient(row)) counts[kindOf(row, list)] += 1
  const total = counts.active + counts.idle + counts.idleInTransaction + counts.other
  return { ...counts, idleInTransaction: list.transactions === null ? null : counts.idleInTransaction, total }
}

/** Connections as the fleet knows sessions, without the agent's own and the server's threads. */
export function toMysqlSessions(list: ProcessList, limit: number): Omit<Session, 'poolId'>[] {
  return list.rows
    .filter((row) => isClient(row) && Number(row.id) !== list.ownId)
    .slice(0, limit)
    .map((row) => {
      const id = Number(row.id)
      const kind = kindOf(row, list)
      const stateMs = row.time === null ? null : Math.max(0, Number(row.time) * 1000)
      return {
        pid: id,
        application: cleanName(list.programs.get(id) ?? ''),
        user: cleanNameOrNull(row.user),
        database: cleanNameOrNull(row.db),
        clientAddress: addressOf(row.host),
        state: kind === 'idleInTransaction' ? 'idle in transaction' : kind === 'idle' ? 'idle' : 'active',
        waitEventType: null,
        waitEvent: kind === 'active' ? cleanNameOrNull(row.state === '' ? null : row.state) : null,
        connectedMs: null,
        stateMs,
        transactionMs: list.transactions?.get(id) ?? null,
      }
    })
}

/** The host of `host:port`; null for a Unix socket, which is written as `localhost`. */
function addressOf(host: string | null): string | null {
  if (host === null || host === 'localhost' || host === '') return null
  return cleanName(host.replace(/:\d+$/, ''))
}
