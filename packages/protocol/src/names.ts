import Type, { type Static } from 'typebox'

/**
 * Version of everything in this package that crosses a process boundary. A peer with another
 * version is refused with `protocol_unsupported`, never half understood.
 */
export const PROTOCOL_VERSION = 1

/** The systems a pool can lead to, by OpenTelemetry's `db.system.name` where it has one. */
export const SYSTEMS = [
  'postgresql',
  'mysql',
  'mariadb',
  'mongodb',
  'redis',
  'pgbouncer',
  'http',
  'grpc',
] as const

export const SystemSchema = Type.Enum(SYSTEMS)
export type System = Static<typeof SystemSchema>

/**
 * How a pool or server stands, worst last. `unknown` means that there is not enough evidence,
 * which is never a pass; `stale` means that what is shown was true once.
 */
export const STATUSES = ['ok', 'unknown', 'stale', 'warning', 'critical'] as const

export const StatusSchema = Type.Enum(STATUSES)
export type Status = Static<typeof StatusSchema>

/** A whole or fractional number that may not be known; `null` is "could not know", `0` is "measured zero". */
export const NullableNumber = Type.Union([Type.Number(), Type.Null()])
/** A text that may not be known. */
export const NullableString = Type.Union([Type.String(), Type.Null()])
