import Type, { type Static } from 'typebox'
import { NullableNumber } from './names.ts'

/** Columns over time, oldest first, all of one length; a gap is `null` in every column. */
export const HistorySchema = Type.Object({
  fromMs: Type.Number(),
  toMs: Type.Number(),
  stepMs: Type.Number(),
  atMs: Type.Array(Type.Number()),
  columns: Type.Record(Type.String(), Type.Array(NullableNumber)),
})
export type History = Static<typeof HistorySchema>

/** Query of every history route. */
export const HistoryQuerySchema = Type.Object({
  fromMs: Type.Optional(Type.Number({ minimum: 0 })),
  toMs: Type.Optional(Type.Number({ minimum: 0 })),
  points: Type.Optional(Type.Integer({ minimum: 1, maximum: 2000 })),
})
export type HistoryQuery = Static<typeof HistoryQuerySchema>

/** `GET /api/v1/fleet/history?column&points`: one column of every pool group, for sparklines. */
export const FleetHistorySchema = Type.Object({
  fromMs: Type.Number(),
  toMs: Type.Number(),
  stepMs: Type.Number(),
  atMs: Type.Array(Type.Number()),
  column: Type.String(),
  groups: Type.Record(Type.String(), Type.Array(NullableNumber)),
})
export type FleetHistory = Static<typeof FleetHistorySchema>
