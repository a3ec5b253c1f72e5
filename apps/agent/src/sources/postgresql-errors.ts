import type { SourceErrorCode } from '@poolscope/protocol'
import { quotedName } from './clean-name.ts'
import { commonMessage, type Failure, networkCode, stateOf, textOf } from './failure.ts'

/** Where it happened; none of it is secret. */
export type FailureContext = { address: string; role: string; database: string }

const BY_SQLSTATE: Record<string, SourceErrorCode> = {
  '08004': 'connection_refused',
  '28000': 'auth_failed',
  '28P01': 'auth_failed',
  '3D000': 'database_missing',
  '42501': 'permission_denied',
  '55P03': 'timeout',
  '57014': 'timeout',
  '57P01': 'shutting_down',
  '57P02': 'connection_lost',
  '57P03': 'starting_up',
  '57P04': 'database_missing',
  '57P05': 'connection_lost',
}

/** What the driver itself finds wrong has no code; these are its own words, in one language. */
const BY_DRIVER_TEXT: readonly (readonly [RegExp, SourceErrorCode])[] = [
  [/^SASL|password must be|^The "data" argument/i, 'auth_failed'],
  [/\bSSL\b/, 'tls_failed'],
  [/^Connection terminated/, 'connection_lost'],
]

/** Lines of the server's source that refuse for a limit of one role or database instead of for want of slots. */
const OWN_LIMIT_ROUTINES = new Set(['InitializeSessionUserId', 'CheckMyDatabase'])

/**
 * Says what an error of the driver means. The driver's own text stays out of it: a server may
 * quote anything there.
 */
export function describeFailure(error: unknown, context: FailureContext): Failure {
  const code = codeOf(error)
  const detail = code === 'unknown' ? sqlStateOf(error) : null
  const state = detail === '08P01' ? 'refused' : stateOf(code)
  return { code, state, message: messageOf(code, context, detail) }
}

function codeOf(error: unknown): SourceErrorCode {
  const outside = networkCode(error)
  if (outside !== null) return outside
  if (!(error instanceof Error)) return 'unknown'
  const code = textOf(error, 'code')
  if (code === null) return BY_DRIVER_TEXT.find(([text]) => text.test(error.message))?.[1] ?? 'unknown'
  if (code === '53300') {
    const routine = textOf(error, 'routine')
    return routine !== null && OWN_LIMIT_ROUTINES.has(routine) ? 'role_limit' : 'connections_exhausted'
  }
  const known = BY_SQLSTATE[code]
  if (known !== undefined) return known
  // The rest of class 08 are broken connections; 08P01 is a pooler or another protocol.
  return code.startsWith('08') && code !== '08P01' && code.length === 5 ? 'connection_lost' : 'unknown'
}

function sqlStateOf(error: unknown): string | null {
  const code = error instanceof Error ? textOf(error, 'code') : null
  return code !== null && /^[0-9A-Z]{5}$/.test(code) ? code : null
}

function messageOf(
  code: SourceErrorCode,
  { address, role, database }: FailureContext,
  sqlState: string | null,
) {
  switch (code) {
    case 'connections_exhausted':
      return `Every connection slot of ${address} that ${role} may use is taken. Close idle sessions, lower pool limits or raise max_connections; on PostgreSQL 16 and later set reserved_connections and GRANT pg_use_reserved_connections TO ${quotedName(role)} to keep a slot for watching.`
    case 'role_limit':
      return `The connection limit of role ${role} or of database ${database} is reached while the server has room. Close other sessions of ${role}, or raise it: ALTER ROLE ${quotedName(role)} CONNECTION LIMIT 3.`
    case 'auth_failed':
      return `${address} does not accept the password, certificate or address of role ${role}. Check the password, that the role may LOGIN, and pg_hba.conf.`
    case 'permission_denied':
      return `Role ${role} may not connect to database ${database} on ${address}, or not read its statistics. GRANT CONNECT ON DATABASE ${quotedName(database)} TO ${quotedName(role)}; GRANT pg_monitor TO ${quotedName(role)}. For a Unix socket, check its file permissions.`
    case 'database_missing':
      return `Database ${database} does not exist on ${address}. Name another one in the URL; any database of the server will do.`
    case 'connection_refused':
      return `Nothing accepts connections at ${address}. Check that the server runs, and its listen_addresses and port.`
    case 'tls_failed':
      return `No secure connection to ${address}. Check sslmode, sslrootcert and the certificate: its name, its issuer and its dates.`
    case 'version_unsupported':
      return `${address} is older than PostgreSQL 13, the oldest version that is supported.`
    default:
      return (
        commonMessage(code, address) ??
        (sqlState === '08P01'
          ? `${address} refused the protocol. A pooler such as PgBouncer may stand in front: check its limits and log, or name the database server itself.`
          : `${address} answered with an unexpected error${sqlState === null ? '' : ` (SQLSTATE ${sqlState})`}. The server's log has the details.`)
      )
  }
}
