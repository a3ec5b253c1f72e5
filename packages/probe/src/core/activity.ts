import type { Transaction } from '@poolscope/protocol'

/** What a connection does at one moment, as far as its driver tells. */
export type Activity = {
  /** Bytes sent and received so far: a change says that something ran. `null` where they are not counted. */
  traffic: number | null
  /** A statement runs, or waits for its turn to. */
  running: boolean | null
  transaction: Transaction | null
  /** Somebody waits on it for notifications of the server. */
  listening: boolean
}

type Stream = { bytesRead?: unknown; bytesWritten?: unknown }

/** The part of `pg`'s client that tells what it does. */
type PgLike = {
  connection?: { stream?: Stream }
  readyForQuery?: unknown
  _activeQuery?: unknown
  getTransactionStatus?: () => unknown
  listenerCount?: (event: string) => number
}

/** The part of `mysql2`'s connection that tells what it does. */
type MysqlLike = { stream?: Stream; _command?: unknown; _paused?: unknown }

const TRANSACTIONS: Record<string, Transaction> = { I: 'none', T: 'open', E: 'failed' }

/** What a client of `pg` does: by public members, but for the statement that a cursor has left open. */
export function pgActivity(client: object): Activity {
  const { connection, readyForQuery, _activeQuery } = client as PgLike
  return {
    traffic: trafficOf(connection?.stream),
    running: typeof readyForQuery === 'boolean' ? !readyForQuery && !isResting(_activeQuery) : null,
    transaction: transactionOf(client as PgLike),
    listening: listens(client as PgLike),
  }
}

/**
 * What a connection of `mysql2` does. Its packets tell whether a transaction is open, but the driver keeps that of the
 * last one nowhere.
 */
export function mysqlActivity(connection: object): Activity {
  const { stream, _command, _paused } = connection as MysqlLike
  const idle = _command === null || _command === undefined
  return {
    traffic: trafficOf(stream),
    // Paused, it is the reader of a stream who takes nothing, and the server that waits.
    running: '_command' in connection ? !idle && _paused !== true : null,
    transaction: null,
    listening: false,
  }
}

/** What a connection does that is one of either driver, or of neither. */
export function driverActivity(connection: object): Activity | null {
  if ('_command' in connection) return mysqlActivity(connection)
  return 'readyForQuery' in connection ? pgActivity(connection) : null
}

/** A cursor between two reads: the statement is open, and nobody works on it. */
function isResting(query: unknown): boolean {
  return (query as { state?: unknown } | null | undefined)?.state === 'idle'
}

function transactionOf(client: PgLike): Transaction | null {
  if (typeof client.getTransactionStatus !== 'function') return null
  const status = client.getTransactionStatus()
  return typeof status === 'string' ? (TRANSACTIONS[status] ?? null) : null
}

function listens(client: PgLike): boolean {
  return typeof client.listenerCount === 'function' && client.listenerCount('notification') > 0
}

function trafficOf(stream: Stream | undefined): number | null {
  const { bytesRead, bytesWritten } = stream ?? {}
  return typeof bytesRead === 'number' && typeof bytesWritten === 'number' ? bytesRead + bytesWritten : null
}
