import type { Connections, Session } from '@poolscope/protocol'
import { cleanName, cleanNameOrNull } from './clean-name.ts'

/** One session as a server lists it. The agent's own is never among them. */
export type ClientRow = ClientKindRow & {
  /** Null for a Unix socket. */
  host: string | null
  db: string | null
  state: string | null
  /** Time since it began what it does. */
  timeMs: number | null
}

/** What a session is counted by. */
export type ClientKindRow = { pid: number; user: string | null; command: string | null }

/** An open transaction. */
export type TransactionRow = {
  pid: number
  ageMs: number
  waits: number
  /** Rows that it has locked, about. */
  lockedRows: number
}

/** Open transactions by session; null where they, and the sessions of other users, may not be seen. */
export type Transactions = ReadonlyMap<number, TransactionRow> | null

type Kind = 'active' | 'idle' | 'idleInTransaction' | 'other'

/** Replicas that are sent changes, logins that have not ended, and sessions that are being ended. */
const OTHER_COMMANDS = new Set(['Binlog Dump', 'Binlog Dump GTID', 'Connect', 'Killed'])

function kindOf({ pid, user, command }: ClientKindRow, transactions: Transactions): Kind {
  if (user === null || user === 'unauthenticated user') return 'other'
  if (command === null || OTHER_COMMANDS.has(command)) return 'other'
  if (command !== 'Sleep') return 'active'
  return transactions?.has(pid) === true ? 'idleInTransaction' : 'idle'
}

/**
 * Counts by what sessions do, with the agent's own under `other`.
 * @param connected what the server counts, for a user that does not see the sessions of others
 */
export function countClients(
  rows: readonly ClientKindRow[],
  transactions: Transactions,
  connected: number | null,
): Connections {
  if (transactions === null) {
    return { active: null, idle: null, idleInTransaction: null, other: null, total: connected }
  }
  const counts = { active: 0, idle: 0, idleInTransaction: 0, other: 1 }
  for (const row of rows) counts[kindOf(row, transactions)] += 1
  return { ...counts, total: rows.length + 1 }
}

/**
 * Sessions of applications as the fleet knows them: without replicas and logins that have not ended.
 * @param programs names that clients gave themselves, by session
 */
export function toSessions(
  rows: readonly ClientRow[],
  transactions: Transactions,
  programs: ReadonlyMap<number, string>,
): Omit<Session, 'poolId'>[] {
  return rows.flatMap((row) => {
    const kind = kindOf(row, transactions)
    if (kind === 'other') return []
    const transaction = transactions?.get(row.pid)
    return [
      {
        pid: row.pid,
        application: cleanName(programs.get(row.pid) ?? ''),
        user: cleanNameOrNull(row.user),
        database: cleanNameOrNull(row.db),
        clientAddress: cleanNameOrNull(row.host),
        state: stateOf(kind, transactions),
        ...waitOf(row, kind, transaction),
        connectedMs: null,
        stateMs: row.timeMs === null ? null : Math.max(0, Math.round(row.timeMs)),
        transactionMs: transaction?.ageMs ?? null,
      },
    ]
  })
}

function stateOf(kind: Exclude<Kind, 'other'>, transactions: Transactions): string {
  if (kind === 'active') return 'active'
  if (transactions === null) return 'unknown'
  return kind === 'idle' ? 'idle' : 'idle in transaction'
}

/** What a running session waits for: a lock of a row or of a table, else the step that the server names. */
function waitOf({ state }: ClientRow, kind: Kind, transaction: TransactionRow | undefined) {
  if (kind !== 'active') return { waitEventType: null, waitEvent: null }
  if (transaction?.waits === 1) return { waitEventType: 'Lock', waitEvent: 'row lock' }
  if (state === null || state === '') return { waitEventType: null, waitEvent: null }
  return { waitEventType: /\block\b/i.test(state) ? 'Lock' : 'State', waitEvent: cleanName(state) }
}
