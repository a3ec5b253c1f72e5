import Type, { type Static } from 'typebox'
import { AlertSchema } from './alert.ts'
import { GroupNowSchema, HoldersSchema, PoolNowSchema } from './fleet.ts'
import { HistorySchema } from './history.ts'
import { ServerNowSchema, SessionsSchema, StatementsSchema } from './server.ts'

/** What was true around an alert at one moment; records are by the id of the group or server. */
export const BlackBoxMomentSchema = Type.Object({
  atMs: Type.Number(),
  groups: Type.Array(GroupNowSchema),
  pools: Type.Array(PoolNowSchema),
  servers: Type.Array(ServerNowSchema),
  holders: Type.Record(Type.String(), HoldersSchema),
  sessions: Type.Record(Type.String(), SessionsSchema),
  statements: Type.Record(Type.String(), StatementsSchema),
})
export type BlackBoxMoment = Static<typeof BlackBoxMomentSchema>

/** `GET /api/v1/alerts/:id/blackbox`: the minutes before and after an alert, whole in one file. */
export const BlackBoxSchema = Type.Object({
  version: Type.Literal(1),
  alert: AlertSchema,
  frozenMs: Type.Number(),
  moments: Type.Array(BlackBoxMomentSchema, { description: 'as it fired, and minutes later' }),
  histories: Type.Record(Type.String(), HistorySchema, {
    description: 'rows by id of group, pool or server',
  }),
})
export type BlackBox = Static<typeof BlackBoxSchema>
