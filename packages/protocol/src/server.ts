import Type, { type Static } from 'typebox'
import { NullableNumber, NullableString, StatusSchema, SystemSchema } from './names.ts'
import { DETAIL_UNITS, LIMIT_KINDS, SERVER_STATES, STATEMENT_SOURCES } from './words.ts'

export const ServerStateSchema = Type.Enum(SERVER_STATES)
export type ServerState = Static<typeof ServerStateSchema>

/** Client connections by what they do; `total` is the sum, the agent's own one is in `other`. */
export const ConnectionsSchema = Type.Object({
  active: NullableNumber,
  idle: NullableNumber,
  idleInTransaction: NullableNumber,
  other: NullableNumber,
  total: NullableNumber,
})
export type Connections = Static<typeof ConnectionsSchema>

export const ServerErrorSchema = Type.Object({
  code: Type.String({ description: 'one of the source error codes' }),
  message: Type.String({ description: 'what happened and what to do, without secrets' }),
  sinceMs: Type.Number(),
})
export type ServerError = Static<typeof ServerErrorSchema>

/** A limit on connections below that of the whole server. */
export const ConnectionLimitSchema = Type.Object({
  kind: Type.Enum(LIMIT_KINDS),
  name: Type.String(),
  used: NullableNumber,
  max: Type.Number(),
})
export type ConnectionLimit = Static<typeof ConnectionLimitSchema>

/** One number or word that only one kind of server has. */
export const DetailSchema = Type.Object({
  name: Type.String({ description: "the server's own name for it" }),
  value: Type.Union([Type.Number(), Type.String(), Type.Null()]),
  unit: Type.Enum(DETAIL_UNITS),
  note: { ...NullableString, description: 'what it means, in one sentence' },
})
export type Detail = Static<typeof DetailSchema>

/** Details that belong together, such as settings, under a heading. */
export const DetailGroupSchema = Type.Object({ title: Type.String(), details: Type.Array(DetailSchema) })
export type DetailGroup = Static<typeof DetailGroupSchema>

/** One watched server, now. */
export const ServerNowSchema = Type.Object({
  id: Type.String(),
  name: Type.String(),
  system: SystemSchema,
  version: NullableString,
  address: Type.String({ description: 'host:port or socket path, without credentials' }),
  state: ServerStateSchema,
  maxConnections: NullableNumber,
  reservedConnections: { ...NullableNumber, description: 'slots that ordinary users cannot have' },
  connections: ConnectionsSchema,
  usedRatio: { ...NullableNumber, description: 'total / (maxConnections - reservedConnections)' },
  pools: Type.Object({
    count: Type.Integer({ description: 'pools with a probe that lead here' }),
    maxSum: { ...NullableNumber, description: 'connections if every one of them filled up' },
  }),
  details: { ...Type.Array(DetailGroupSchema), description: 'numbers that only this kind of server has' },
  limits: { ...Type.Array(ConnectionLimitSchema), description: 'limits of users and databases' },
  upstreamIds: { ...Type.Array(Type.String()), description: 'watched servers behind a pooler' },
  sampleIntervalMs: { ...NullableNumber, description: 'interval in force; longer when the server is slow' },
  sampleMs: { ...NullableNumber, description: 'how long the last sample took' },
  startedAtMs: NullableNumber,
  status: StatusSchema,
  reason: NullableString,
  atMs: NullableNumber,
  stale: Type.Boolean(),
  error: Type.Union([ServerErrorSchema, Type.Null()]),
})
export type ServerNow = Static<typeof ServerNowSchema>

/** One session on a server, without its SQL. */
export const SessionSchema = Type.Object({
  pid: Type.Integer(),
  application: Type.String(),
  user: NullableString,
  database: NullableString,
  clientAddress: { ...NullableString, description: 'null for a Unix socket' },
  state: Type.String({ description: "the server's word, `unknown` where it may not be read" }),
  waitEventType: NullableString,
  waitEvent: NullableString,
  connectedMs: { ...NullableNumber, description: 'age of the session' },
  stateMs: { ...NullableNumber, description: 'time in this state' },
  transactionMs: { ...NullableNumber, description: 'age of the open transaction' },
  poolId: { ...NullableString, description: 'the pool that owns it, where a probe says so' },
})
export type Session = Static<typeof SessionSchema>

/** Connections that share a key: an application, a user, a database or a state. */
export const SessionCountSchema = Type.Object({
  key: Type.String(),
  active: Type.Integer(),
  idle: Type.Integer(),
  idleInTransaction: Type.Integer(),
  other: Type.Integer(),
  total: Type.Integer(),
})
export type SessionCount = Static<typeof SessionCountSchema>

/** `GET /api/v1/servers/:id/sessions`, largest counts first, oldest state first among sessions */
export const SessionsSchema = Type.Object({
  atMs: NullableNumber,
  total: NullableNumber,
  byState: Type.Array(SessionCountSchema),
  byApplication: Type.Array(SessionCountSchema),
  byUser: Type.Array(SessionCountSchema),
  byDatabase: Type.Array(SessionCountSchema),
  sessions: Type.Array(SessionSchema, { description: 'at most 500; see total' }),
})
export type Sessions = Static<typeof SessionsSchema>

export const StatementSourceSchema = Type.Enum(STATEMENT_SOURCES)
export type StatementSource = Static<typeof StatementSourceSchema>

/** One normalized statement over a window. */
export const StatementSchema = Type.Object({
  id: Type.String(),
  text: Type.String({ description: 'with every literal replaced' }),
  user: NullableString,
  database: NullableString,
  calls: Type.Number(),
  totalMs: Type.Number({ description: 'time spent in all calls of the window' }),
  meanMs: NullableNumber,
  p95Ms: { ...NullableNumber, description: 'null where the server does not say' },
  maxMs: { ...NullableNumber, description: 'longest run since the server began to count' },
  rows: NullableNumber,
  shareRatio: { ...NullableNumber, description: 'of the time of all statements in the window' },
  poolIds: { ...Type.Array(Type.String()), description: 'pools that run it by user and database' },
})
export type Statement = Static<typeof StatementSchema>

/** `GET /api/v1/servers/:id/statements` */
export const StatementsSchema = Type.Object({
  atMs: NullableNumber,
  windowMs: { ...NullableNumber, description: 'what the numbers are of; null before the second reading' },
  source: Type.Union([StatementSourceSchema, Type.Null()], {
    description: 'null when the server tells nothing',
  }),
  total: Type.Integer({ description: 'statements seen in the window; more than the list when it was cut' }),
  statements: Type.Array(StatementSchema),
})
export type Statements = Static<typeof StatementsSchema>
