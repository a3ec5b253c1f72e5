import Type, { type Static } from 'typebox'
import { NullableNumber, NullableString } from './names.ts'
import { KNOB_STATES } from './words.ts'

const text = (maxLength: number, description: string) =>
  Type.String({ minLength: 1, maxLength, pattern: '\\S', description })

/** Body of `POST /api/v1/groups/:id/max`: a wish to change the `max` of a pool group's running instances. */
export const KnobRequestSchema = Type.Object(
  {
    max: Type.Integer({ minimum: 1, maximum: 1_000_000, description: 'connections that each may open' }),
    by: text(100, 'who asks, by their own word'),
    reason: Type.Optional(text(500, 'why, for whoever looks next')),
    rule: Type.Optional(
      text(100, 'id of the rule that asked for it; when it gets worse the change is undone'),
    ),
    minutes: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 1440, description: 'for how long; until undone unless given' }),
    ),
    poolIds: Type.Optional(
      Type.Array(Type.String({ maxLength: 300 }), {
        minItems: 1,
        maxItems: 200,
        description: 'only these instances; all that can be turned unless given',
      }),
    ),
  },
  { additionalProperties: false },
)
export type KnobRequest = Static<typeof KnobRequestSchema>

/** Body of `DELETE /api/v1/groups/:id/max`. */
export const KnobUndoSchema = Type.Object(
  { by: text(100, 'who undoes it, by their own word') },
  { additionalProperties: false },
)
export type KnobUndo = Static<typeof KnobUndoSchema>

/** How callers fared over some time, which a roll-back is decided by. */
export const KnobMeasureSchema = Type.Object({
  seconds: Type.Number({ description: 'seconds of which something is known' }),
  attemptsPerSec: { ...NullableNumber, description: 'checkouts and time-outs' },
  waitP95Ms: { ...NullableNumber, description: 'median over the seconds of the 95th percentile of waits' },
  holdP95Ms: { ...NullableNumber, description: 'the same of holds' },
  timeoutRatio: { ...NullableNumber, description: 'share of the callers who gave up, 0 to 1' },
})
export type KnobMeasure = Static<typeof KnobMeasureSchema>

/** A change of a pool group's `max`, in force or over. */
export const KnobChangeSchema = Type.Object({
  id: Type.String(),
  state: Type.Enum(KNOB_STATES),
  max: Type.Integer(),
  from: Type.Array(Type.Integer(), { description: 'what was in force when it was asked for, rising' }),
  by: Type.String(),
  reason: NullableString,
  rule: NullableString,
  poolIds: Type.Array(Type.String(), { description: 'the instances that it is for' }),
  askedMs: Type.Number(),
  appliedMs: { ...NullableNumber, description: 'when all of them had it in force' },
  untilMs: { ...NullableNumber, description: 'null until undone' },
  judgedFromMs: { ...NullableNumber, description: 'from when on it is compared with before' },
  endedMs: NullableNumber,
  ended: { ...NullableString, description: 'why it is over, in one sentence; null while it goes on' },
  before: KnobMeasureSchema,
  after: Type.Union([KnobMeasureSchema, Type.Null()]),
})
export type KnobChange = Static<typeof KnobChangeSchema>

/** An instance whose `max` can be changed while it runs. */
export const KnobPoolSchema = Type.Object({
  poolId: Type.String(),
  instance: Type.String(),
  max: NullableNumber,
  least: Type.Integer(),
  most: Type.Integer(),
  original: Type.Integer(),
})
export type KnobPool = Static<typeof KnobPoolSchema>

/** `GET /api/v1/groups/:id/max` */
export const KnobSchema = Type.Object({
  enabled: Type.Boolean({ description: 'whether the agent may ask for a change at all' }),
  pools: Type.Array(KnobPoolSchema, {
    description: 'instances whose process allows it; empty where none does, or the agent may not',
  }),
  change: Type.Union([KnobChangeSchema, Type.Null()], {
    description: 'the last change since the agent started, in force or over',
  }),
})
export type Knob = Static<typeof KnobSchema>
