import Type, { type Static } from 'typebox'
import { NullableNumber } from './names.ts'
import { HISTORY_AGGREGATES } from './words.ts'

/**
 * Columns over time, oldest first, all of one length; a gap is `null`. Row i stands for the time from `atMs[i]` until
 * before `atMs[i] + stepMs`; steps begin at whole multiples since the epoch.
 */
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
  aggregate: Type.Optional(
    Type.Enum(HISTORY_AGGREGATES, { description: 'what a row shows of its ticks; max unless named' }),
  ),
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

/** How the store of history stands. */
export const HISTORY_STATES = ['ok', 'failing', 'off'] as const

/** `GET /api/v1/history/store`: what is kept, and what was lost. */
export const HistoryStoreSchema = Type.Object({
  state: Type.Enum(HISTORY_STATES, {
    description: 'failing: ticks are being lost; off: nothing is kept, as the directory cannot be used',
  }),
  message: Type.Union([Type.String(), Type.Null()], { description: 'why it is not ok, in one sentence' }),
  sinceMs: { ...NullableNumber, description: 'since when it is not ok; null when it is' },
  bytes: { ...NullableNumber, description: 'size of its files; null while off' },
  budgetBytes: Type.Number(),
  series: { ...NullableNumber, description: 'pools, groups and servers that have a past; null while off' },
  repair: Type.Union([Type.String(), Type.Null()], {
    description:
      'what became of a file that was broken since the agent started, in one sentence; null without one',
  }),
  brokenPieces: {
    ...NullableNumber,
    description:
      'pieces that were asked for and are not what was written: their rows are gaps; null while off',
  },
  storedTicksTotal: Type.Number({ description: 'ticks kept since the agent started' }),
  lostTicksTotal: Type.Number({ description: 'ticks that were not kept since the agent started' }),
  tiers: Type.Array(
    Type.Object({
      stepMs: Type.Number(),
      keepMs: Type.Number(),
      removedBeforeMs: { ...NullableNumber, description: 'rows before it were removed; null when none was' },
      bytes: { ...NullableNumber, description: 'of its rows, without what the file adds; null while off' },
    }),
  ),
})
export type HistoryStoreStatus = Static<typeof HistoryStoreSchema>
