import type { SourceErrorCode } from '@poolscope/protocol'
import { commonMessage, type Failure, networkCode, stateOf, textOf } from './failure.ts'

/** Where it happened; none of it is secret. */
export type PgbouncerContext = { address: string; user: string }

/** Nearly all that goes wrong has the one SQLSTATE 08P01; these are PgBouncer's own words, in one language. */
const BY_TEXT: readonly (readonly [RegExp, SourceErrorCode])[] = [
  [/no more connections allowed/, 'connections_exhausted'],
  [/^not allowed|admin access needed|authorization failed/, 'permission_denied'],
  [/authentication failed|auth failed|no such user|not authorized|password|login rejected/i, 'auth_failed'],
  [/^SASL|^The "data" argument/i, 'auth_failed'],
  [/\bSSL\b|\bTLS\b/, 'tls_failed'],
  [/no such database|database .* does not exist/, 'database_missing'],
  [/shutting down|shut down|suspended/, 'shutting_down'],
  [/^Connection terminated/, 'connection_lost'],
]

/** What a server that is no PgBouncer answers to a console's questions. */
const BY_SQLSTATE: Record<string, SourceErrorCode> = {
  '28000': 'auth_failed',
  '28P01': 'auth_failed',
  '3D000': 'database_missing',
  '42704': 'version_unsupported',
  '42601': 'version_unsupported',
  '53300': 'connections_exhausted',
  '57P01': 'shutting_down',
  '57P03': 'starting_up',
}

/** Says what an error of the driver means; the text that came with it is looked at and never repeated. */
export function describePgbouncerFailure(error: unknown, context: PgbouncerContext): Failure {
  const code = codeOf(error)
  return { code, state: stateOf(code), message: messageOf(code, context) }
}

function codeOf(error: unknown): SourceErrorCode {
  const outside = networkCode(error)
  if (outside !== null) return outside
  if (!(error instanceof Error)) return 'unknown'
  const known = BY_SQLSTATE[textOf(error, 'code') ?? '']
  return known ?? BY_TEXT.find(([text]) => text.test(error.message))?.[1] ?? 'unknown'
}

function messageOf(code: SourceErrorCode, { address, user }: PgbouncerContext): string {
  switch (code) {
    case 'connections_exhausted':
      return `${address} lets nobody in: max_client_conn is reached. Close idle clients or raise it; PgBouncer itself keeps its admin console open, so that something else may stand in between.`
    case 'role_limit':
      return `The connection limit of user ${user} on ${address} is reached. Close other sessions of ${user}.`
    case 'auth_failed':
      return `${address} does not accept the user ${user} with this password. Check both in the URL, and auth_file, auth_hba_file and auth_type in pgbouncer.ini.`
    case 'permission_denied':
      return `User ${user} may not read the admin console of ${address}. Add it in pgbouncer.ini: stats_users = ${user}, then RELOAD. For a Unix socket, check its file permissions.`
    case 'database_missing':
      return `${address} has no admin console, so it is not a PgBouncer. Name its port, 6432 by default; a PostgreSQL server is watched by a URL that begins with postgresql:.`
    case 'connection_refused':
      return `Nothing accepts connections at ${address}. Check that PgBouncer runs, and its listen_addr and listen_port.`
    case 'tls_failed':
      return `No secure connection to ${address}. Check sslmode and sslrootcert in the URL, and client_tls_sslmode in pgbouncer.ini.`
    case 'version_unsupported':
      return `${address} is older than PgBouncer 1.18, the oldest version that is supported, or no PgBouncer.`
    default:
      return (
        commonMessage(code, address) ??
        `${address} answered with an unexpected error. The log of PgBouncer has the details.`
      )
  }
}
