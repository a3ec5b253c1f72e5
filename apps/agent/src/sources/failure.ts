import type { ServerState, SourceErrorCode } from '@poolscope/protocol'

/** A failure as the fleet shows it: what happened, and what a person can do about it. */
export type Failure = { code: SourceErrorCode; message: string; state: ServerState }

/** The server did not answer in time; the connection is gone. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError'
}

/** Something of our own making that keeps a server from being sampled. */
export class SourceFailure extends Error {
  readonly code: SourceErrorCode
  constructor(code: SourceErrorCode, cause?: unknown) {
    super(code, { cause })
    this.code = code
  }
}

const BY_ERRNO: Record<string, SourceErrorCode> = {
  ECONNREFUSED: 'connection_refused',
  ENOENT: 'connection_refused',
  EACCES: 'permission_denied',
  EPERM: 'permission_denied',
  ENOTFOUND: 'host_not_found',
  EAI_AGAIN: 'host_not_found',
  EAI_FAIL: 'host_not_found',
  ETIMEDOUT: 'timeout',
  EHOSTUNREACH: 'timeout',
  EHOSTDOWN: 'timeout',
  ENETUNREACH: 'timeout',
  ECONNRESET: 'connection_lost',
  EPIPE: 'connection_lost',
  EPROTO: 'tls_failed',
}

const TLS_CODE =
  /^(ERR_TLS_|ERR_SSL_|ERR_OSSL_|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH|INVALID_CA)/

/** What the network, TLS or our own deadline did, for every kind of server; null when it was the server itself. */
export function networkCode(error: unknown): SourceErrorCode | null {
  if (error instanceof SourceFailure) return error.code
  if (error instanceof DeadlineError) return 'timeout'
  const code = textOf(error, 'code')
  if (code === null) return null
  return TLS_CODE.test(code) ? 'tls_failed' : (BY_ERRNO[code] ?? null)
}

/** A text field of an error, such as its `code`; null without one. */
export function textOf(error: unknown, key: string): string | null {
  if (!(error instanceof Error)) return null
  const value: unknown = (error as Error & Record<string, unknown>)[key]
  return typeof value === 'string' ? value : null
}

const STATES: Partial<Record<SourceErrorCode, ServerState>> = {
  connections_exhausted: 'refused',
  role_limit: 'refused',
  starting_up: 'refused',
  auth_failed: 'denied',
  permission_denied: 'denied',
  database_missing: 'denied',
  version_unsupported: 'denied',
}

/** What a code means for the state of the server. */
export function stateOf(code: SourceErrorCode): ServerState {
  return STATES[code] ?? 'unreachable'
}

/** The sentence for what is the same with every kind of server; null where the kind of server matters. */
export function commonMessage(code: SourceErrorCode, address: string): string | null {
  switch (code) {
    case 'starting_up':
      return `${address} answers but is starting up, shutting down or recovering. It is tried again every few seconds.`
    case 'shutting_down':
      return `${address} ended the session: it is shutting down, or an administrator ended it. It is tried again every few seconds.`
    case 'connection_lost':
      return `The connection to ${address} broke. The server may have crashed or restarted, or something in between closed it; it is tried again.`
    case 'host_not_found':
      return `The host name of ${address} cannot be resolved. Check the name and the DNS of this machine.`
    case 'timeout':
      return `${address} did not answer in time. Check the load of the server, and the network and firewalls on the way.`
    default:
      return null
  }
}
