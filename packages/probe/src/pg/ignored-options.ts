import type { IgnoredOption } from '@poolscope/protocol'

/** The most that are told of; the report allows no more. */
const MOST = 10

/**
 * Names that other drivers, older versions and connection strings of other tools have for what `pg` calls otherwise:
 * it takes no notice of any of them. `null` where it has nothing of the kind. `poolSize` is not among them: the driver
 * takes it for `max`.
 */
const INSTEAD: Readonly<Record<string, string | null>> = {
  acquire: 'connectionTimeoutMillis',
  acquireTimeout: 'connectionTimeoutMillis',
  acquireTimeoutMillis: 'connectionTimeoutMillis',
  applicationName: 'application_name',
  connectTimeout: 'connectionTimeoutMillis',
  connectTimeoutMS: 'connectionTimeoutMillis',
  connect_timeout: 'connectionTimeoutMillis',
  connectionLimit: 'max',
  connectionTimeout: 'connectionTimeoutMillis',
  connectionTimeoutMs: 'connectionTimeoutMillis',
  connection_limit: 'max',
  evictionRunIntervalMillis: null,
  idle: 'idleTimeoutMillis',
  idleInTransactionSessionTimeout: 'idle_in_transaction_session_timeout',
  idleTimeout: 'idleTimeoutMillis',
  idleTimeoutMs: 'idleTimeoutMillis',
  idle_timeout: 'idleTimeoutMillis',
  keepAliveInitialDelay: 'keepAliveInitialDelayMillis',
  lockTimeout: 'lock_timeout',
  maxConnections: 'max',
  maxIdleTime: 'idleTimeoutMillis',
  maxIdleTimeMS: 'idleTimeoutMillis',
  maxLifetime: 'maxLifetimeSeconds',
  maxLifetimeMillis: 'maxLifetimeSeconds',
  maxPoolSize: 'max',
  max_connections: 'max',
  max_lifetime: 'maxLifetimeSeconds',
  maximumPoolSize: 'max',
  minConnections: 'min',
  minPoolSize: 'min',
  poolIdleTimeout: 'idleTimeoutMillis',
  poolMax: 'max',
  poolMin: 'min',
  poolTimeout: 'connectionTimeoutMillis',
  pool_size: 'max',
  pool_timeout: 'connectionTimeoutMillis',
  queryTimeout: 'query_timeout',
  queueLimit: null,
  reapIntervalMillis: null,
  statementTimeout: 'statement_timeout',
  uri: 'connectionString',
  username: 'user',
}

/** What the driver itself puts among the options where nothing is given. */
const DEFAULTS: Readonly<Record<string, unknown>> = {
  max: 10,
  min: 0,
  idleTimeoutMillis: 10_000,
  maxLifetimeSeconds: 0,
}

/**
 * Well-known options of a pool, or of its connection string, that `pg` takes no notice of. One is passed over where the
 * right one is given too, as where two drivers share their settings. What nobody else calls so is the host's own business.
 */
export function ignoredOptions(options: Readonly<Record<string, unknown>>): IgnoredOption[] {
  const given = new Map(parametersOf(options.connectionString))
  for (const [name, value] of Object.entries(options)) given.set(name, value)
  const found: IgnoredOption[] = []
  for (const [name, instead] of Object.entries(INSTEAD)) {
    const value = given.get(name)
    if (value === undefined || value === null) continue
    const isVain = instead === null ? Boolean(value) : !isSettled(options[instead], DEFAULTS[instead], value)
    if (isVain) found.push({ name, instead })
  }
  return found.slice(0, MOST)
}

/** Whether the right option was given, or happens to be what the wrong one asked for. */
function isSettled(right: unknown, byDefault: unknown, wrong: unknown): boolean {
  return right !== undefined && right !== null && (right !== byDefault || String(right) === String(wrong))
}

function parametersOf(connectionString: unknown): Iterable<[string, unknown]> {
  if (typeof connectionString !== 'string') return []
  const at = connectionString.indexOf('?')
  return at === -1 ? [] : new URLSearchParams(connectionString.slice(at + 1))
}
