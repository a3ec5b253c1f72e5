import type { SourceErrorCode } from '@poolscope/protocol'
import { commonMessage, type Failure, networkCode, stateOf } from './failure.ts'

/** Where it happened; none of it is secret. */
export type RedisContext = { address: string; user: string; tls: boolean }

/** Redis begins an error with a word of its own, or with `ERR` and a sentence that has long been the same. */
const BY_TEXT: readonly (readonly [RegExp, SourceErrorCode])[] = [
  [/ERR max number of clients/, 'connections_exhausted'],
  [/^(NOAUTH|WRONGPASS)\b|^ERR invalid password|^ERR (AUTH|Client sent AUTH)\b/, 'auth_failed'],
  [/^NOPERM\b|DENIED Redis is running in protected mode/, 'permission_denied'],
  [/^LOADING\b/, 'starting_up'],
  [/^BUSY\b/, 'timeout'],
  [/^ERR unknown (sub)?command|^ERR wrong number of arguments/i, 'version_unsupported'],
  [/^Connection is closed|Stream isn't writeable/, 'connection_lost'],
]

/** Says what an error of the driver means; the text that came with it is looked at and never repeated. */
export function describeRedisFailure(error: unknown, context: RedisContext): Failure {
  const code = codeOf(error)
  return { code, state: stateOf(code), message: messageOf(code, context) }
}

/** True when a user may not run a command. */
export function isForbidden(error: Error | null): boolean {
  return error !== null && /^NOPERM\b/.test(error.message)
}

/** True when the server runs a script and nothing else for the moment: the connection still stands. */
export function isBusy(error: unknown): boolean {
  return error instanceof Error && /^BUSY\b/.test(error.message)
}

function codeOf(error: unknown): SourceErrorCode {
  const outside = networkCode(error)
  if (outside !== null) return outside
  if (!(error instanceof Error)) return 'unknown'
  return BY_TEXT.find(([text]) => text.test(error.message))?.[1] ?? 'unknown'
}

function messageOf(code: SourceErrorCode, { address, user, tls }: RedisContext): string {
  switch (code) {
    case 'connections_exhausted':
      return `${address} lets nobody in: maxclients is reached. Close idle clients, lower pool limits or raise it: CONFIG SET maxclients. Redis keeps no place for who watches; a connection that is open stays open.`
    case 'auth_failed':
      return `${address} does not accept user ${user} with this password. Check both in the URL, and ACL LIST or requirepass on the server.`
    case 'permission_denied':
      return `User ${user} may not read ${address}, or its protected mode lets in only who is on the same machine. ACL SETUSER ${user} +info +client|list +client|setname +client|id. For a Unix socket, check its file permissions.`
    case 'connection_refused':
      return `Nothing accepts connections at ${address}. Check that Redis runs, and its bind, port and unixsocket.`
    case 'tls_failed':
      return `No secure connection to ${address}. Check that its tls-port is named, ssl_ca_certs in the URL, and the certificate: its name, its issuer and its dates.`
    case 'version_unsupported':
      return `${address} is older than Redis 6.0, the oldest version that is supported, or no Redis.`
    case 'connection_lost':
      return tls
        ? `The connection to ${address} broke. The server may have crashed or restarted, or be full: with TLS it hangs up on who comes then without saying why. It is tried again.`
        : (commonMessage(code, address) as string)
    default:
      return (
        commonMessage(code, address) ??
        `${address} answered with an unexpected error. The log of the server has the details.`
      )
  }
}
