import { type Bounds, checkNumber } from './check-number.ts'

const COUNT = { min: 0, max: 1_000_000, unit: 'connections', whole: true } as const satisfies Bounds

/** When a pooler takes a server connection back from a client. */
export const POOL_MODES = ['session', 'transaction', 'statement'] as const
export type PoolMode = (typeof POOL_MODES)[number]

/** How a PgBouncer is set; the names are its own settings in camel case. */
export type PoolerSettings = {
  mode: PoolMode
  /** Server connections for each pair of database and user. */
  defaultPoolSize: number
  /** More for each pair, when a client has waited for `reserve_pool_timeout`. */
  reservePoolSize: number
  maxClientConn: number
  /** Server connections for each database over all its users; 0 is no limit. */
  maxDbConnections: number
  /** Pairs of database and user in use. */
  pairs: number
  /** Databases in use; at most as many as pairs. */
  databases: number
}

/**
 * The most connections that a PgBouncer opens to its server:
 * pairs x (default_pool_size + reserve_pool_size), and never more than databases x max_db_connections.
 * @throws TypeError or RangeError
 * @example poolerServerConnections({ mode: 'transaction', defaultPoolSize: 20, reservePoolSize: 0, maxClientConn: 1000, maxDbConnections: 0, pairs: 1, databases: 1 }) // 20
 * @see pgbouncer.org, config, `default_pool_size`, `max_db_connections`
 */
export function poolerServerConnections(settings: PoolerSettings): number {
  const { defaultPoolSize, reservePoolSize, maxDbConnections, pairs, databases } = settings
  checkNumber('defaultPoolSize', defaultPoolSize, { ...COUNT, min: 1 })
  checkNumber('reservePoolSize', reservePoolSize, COUNT)
  checkNumber('maxDbConnections', maxDbConnections, COUNT)
  checkNumber('pairs', pairs, { min: 1, max: 100_000, whole: true })
  checkNumber('databases', databases, { min: 1, max: pairs, whole: true })
  const most = pairs * (defaultPoolSize + reservePoolSize)
  return maxDbConnections === 0 ? most : Math.min(most, databases * maxDbConnections)
}

/** What does not work, or needs a setting, in a mode of pooling. Each stands in the documentation. */
export const POOLER_CAVEATS = {
  session: ['server_connection_for_each_client'],
  transaction: [
    'protocol_prepared_statements_need_1_21',
    'no_sql_prepare',
    'no_session_settings',
    'no_listen',
    'no_session_advisory_locks',
    'no_temporary_tables',
  ],
  statement: [
    'no_transactions',
    'protocol_prepared_statements_need_1_21',
    'no_sql_prepare',
    'no_session_settings',
    'no_listen',
    'no_session_advisory_locks',
    'no_temporary_tables',
  ],
} as const satisfies Record<PoolMode, readonly string[]>
export type PoolerCaveat = (typeof POOLER_CAVEATS)[PoolMode][number]

/** The caveats in a sentence each. */
export const CAVEAT_TEXTS: Readonly<Record<PoolerCaveat, string>> = {
  server_connection_for_each_client:
    'A client keeps its server connection until it disconnects, so that pooled clients save the server nothing.',
  no_transactions: 'A transaction of several statements is refused.',
  protocol_prepared_statements_need_1_21:
    'Prepared statements of the protocol need PgBouncer 1.21 and max_prepared_statements above 0, which is the default from 1.24 on. Before that, switch them off in the driver.',
  no_sql_prepare: 'PREPARE and EXECUTE as SQL do not work: the next transaction may run elsewhere.',
  no_session_settings: 'SET lasts for a transaction at most: use SET LOCAL, or ALTER ROLE … SET.',
  no_listen: 'LISTEN does not work; it needs a connection of its own beside the pooler.',
  no_session_advisory_locks: 'Advisory locks of the session do not work: use pg_advisory_xact_lock.',
  no_temporary_tables: 'Temporary tables last for a transaction at most: create them ON COMMIT DROP.',
}
