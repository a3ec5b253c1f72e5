import type { SourceErrorCode } from '@poolscope/protocol'
import { commonMessage, type Failure, networkCode, stateOf, textOf } from './failure.ts'

/** Where it happened; none of it is secret. */
export type MysqlContext = {
  address: string
  user: string
  /** As it stands in a GRANT. */
  account: string
  tls: boolean
}

/** Numbers of the servers' errors. Both vendors share the old ones; of the newer ones each belongs to one of them. */
const BY_NUMBER: Record<number, SourceErrorCode> = {
  1040: 'connections_exhausted',
  1135: 'connections_exhausted',
  1203: 'role_limit',
  1226: 'role_limit',
  1045: 'auth_failed',
  1130: 'auth_failed',
  1251: 'auth_failed',
  1275: 'auth_failed',
  1524: 'auth_failed',
  1698: 'auth_failed',
  1820: 'auth_failed',
  1862: 'auth_failed',
  3118: 'auth_failed',
  4151: 'auth_failed',
  1044: 'permission_denied',
  1129: 'permission_denied',
  1142: 'permission_denied',
  1143: 'permission_denied',
  1227: 'permission_denied',
  1370: 'permission_denied',
  1049: 'database_missing',
  // A node of a cluster that has not caught up with the others, and a server that is closed to users.
  1047: 'starting_up',
  3032: 'starting_up',
  3168: 'starting_up',
  1053: 'shutting_down',
  1927: 'shutting_down',
  1152: 'connection_lost',
  1158: 'connection_lost',
  1159: 'connection_lost',
  1160: 'connection_lost',
  1161: 'connection_lost',
  1184: 'connection_lost',
  2006: 'connection_lost',
  2013: 'connection_lost',
  2055: 'connection_lost',
  4031: 'connection_lost',
  1205: 'timeout',
  1317: 'timeout',
  1969: 'timeout',
  3024: 'timeout',
  3159: 'tls_failed',
}

/** What the driver finds wrong by itself. */
const BY_CODE: Record<string, SourceErrorCode> = {
  PROTOCOL_CONNECTION_LOST: 'connection_lost',
  PROTOCOL_SEQUENCE_TIMEOUT: 'timeout',
  HANDSHAKE_SSL_ERROR: 'tls_failed',
  HANDSHAKE_NO_SSL_SUPPORT: 'tls_failed',
  AUTH_SWITCH_PLUGIN_ERROR: 'auth_failed',
}
const CLOSED_TEXT = /in closed state$/

/** The statement was ended by the server, by its time-outs or by somebody; the connection still stands. */
const STATEMENT_ENDED = new Set([1205, 1317, 1969, 3024])

/** Says what an error of the driver means; the text that came with it is never repeated. */
export function describeMysqlFailure(error: unknown, context: MysqlContext): Failure {
  const code = codeOf(error)
  const number = code === 'unknown' ? numberOf(error) : null
  return { code, state: stateOf(code), message: messageOf(code, context, number) }
}

/** True when the server ended a statement alone. */
export function isStatementEnded(error: unknown): boolean {
  return STATEMENT_ENDED.has(numberOf(error) ?? 0)
}

/** True when the user has no right to what was asked. */
export function isDenied(error: unknown): boolean {
  return BY_NUMBER[numberOf(error) ?? 0] === 'permission_denied'
}

function codeOf(error: unknown): SourceErrorCode {
  const number = numberOf(error)
  const known = number === null ? undefined : BY_NUMBER[number]
  if (known !== undefined) return known
  const code = textOf(error, 'code')
  const own = code === null ? undefined : BY_CODE[code]
  if (own !== undefined) return own
  if (error instanceof Error && CLOSED_TEXT.test(error.message)) return 'connection_lost'
  return networkCode(error) ?? 'unknown'
}

/** The server's number for an error; the system's own are negative. */
function numberOf(error: unknown): number | null {
  if (!(error instanceof Error)) return null
  const { errno, code } = error as Error & { errno?: unknown; code?: unknown }
  // What the server says unasked comes with its number in another place.
  const number = typeof errno === 'number' ? errno : code
  return typeof number === 'number' && number > 0 ? number : null
}

function messageOf(
  code: SourceErrorCode,
  { address, user, account, tls }: MysqlContext,
  number: number | null,
) {
  switch (code) {
    case 'connections_exhausted':
      return `${address} lets nobody in: max_connections is reached, or it can start no more threads. Close idle sessions, lower pool limits or raise it. To get in even then, name the door for administrators in the URL: extra_port of MariaDB, admin_port of MySQL.`
    case 'role_limit':
      return `User ${user} has as many connections to ${address} as it may, while the server has room. Close other sessions of ${user}, or ALTER USER ${account} WITH MAX_USER_CONNECTIONS and more; without a limit of its own max_user_connections of the server holds.`
    case 'auth_failed':
      return `${address} does not accept user ${user} with this password from this machine. Check the password, that the account is neither locked nor expired, and the host part of its name.${tls ? '' : ' MariaDB says the same where it demands a secure connection: then add ssl-mode=REQUIRED to the URL.'}`
    case 'permission_denied':
      return `User ${user} may not read ${address}, or the server has blocked this machine. Run GRANT PROCESS ON *.* TO ${account}; GRANT SELECT ON performance_schema.* TO ${account}; to come by admin_port of MySQL also GRANT SERVICE_CONNECTION_ADMIN ON *.* TO ${account}. After many broken logins empty the host cache: TRUNCATE TABLE performance_schema.host_cache, FLUSH HOSTS on MariaDB. For a Unix socket, check its file permissions.`
    case 'database_missing':
      return `${address} does not have the database that was asked for. Leave it out of the URL: none is needed.`
    case 'connection_refused':
      return `Nothing accepts connections at ${address}. Check that the server runs, and its bind_address, port and socket.`
    case 'tls_failed':
      return tls
        ? `No secure connection to ${address}. Check that the server has TLS, ssl-mode and ssl-ca in the URL, and the certificate: its name, its issuer and its dates.`
        : `${address} demands a secure connection. Add ssl-mode=REQUIRED to the URL, or ssl-mode=VERIFY_IDENTITY and ssl-ca with the path of its authority.`
    case 'version_unsupported':
      return `${address} is older than MySQL 8.0 or MariaDB 10.11, the oldest versions that are supported.`
    default:
      return (
        commonMessage(code, address) ??
        `${address} answered with an unexpected error${number === null ? '' : ` (number ${number})`}. The log of the server has the details.`
      )
  }
}
