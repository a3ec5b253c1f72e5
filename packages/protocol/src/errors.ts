import Type, { type Static } from 'typebox'

/** Every error code that leaves the agent over HTTP, with its status. Each stands in docs/errors.md. */
export const API_ERRORS = {
  invalid_request: 400,
  invalid_report: 400,
  protocol_unsupported: 400,
  unauthorized: 401,
  forbidden_origin: 403,
  read_only: 403,
  knob_off: 403,
  not_found: 404,
  knob_refused: 409,
  payload_too_large: 413,
  unsupported_media_type: 415,
  misdirected_host: 421,
  rate_limited: 429,
  internal: 500,
  history_unavailable: 503,
} as const
export type ApiErrorCode = keyof typeof API_ERRORS

/** Why a server cannot be sampled. Each stands in docs/errors.md. */
export const SOURCE_ERRORS = [
  'connections_exhausted',
  'role_limit',
  'auth_failed',
  'permission_denied',
  'database_missing',
  'starting_up',
  'shutting_down',
  'connection_lost',
  'connection_refused',
  'host_not_found',
  'timeout',
  'tls_failed',
  'version_unsupported',
  'unknown',
] as const
export type SourceErrorCode = (typeof SOURCE_ERRORS)[number]

/** The body of every HTTP error. Code branches on `code`, never on `message`. */
export const ErrorBodySchema = Type.Object({ code: Type.String(), message: Type.String() })
export type ErrorBody = Static<typeof ErrorBodySchema>
