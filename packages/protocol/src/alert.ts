import Type, { type Static } from 'typebox'
import { HolderSchema } from './fleet.ts'
import { NullableNumber, NullableString } from './names.ts'
import { ALERT_STATES, DETAIL_UNITS, LEVELS, SEVERITIES } from './words.ts'

export const LevelSchema = Type.Enum(LEVELS)
export type Level = Static<typeof LevelSchema>

export const SeveritySchema = Type.Enum(SEVERITIES)
export type Severity = Static<typeof SeveritySchema>

export const AlertStateSchema = Type.Enum(ALERT_STATES)
export type AlertState = Static<typeof AlertStateSchema>

/** What a rule looks at. */
export const SubjectKindSchema = Type.Enum(['group', 'server'] as const)
export type SubjectKind = Static<typeof SubjectKindSchema>

/** One number or word behind a verdict. */
export const FactSchema = Type.Object({
  name: Type.String(),
  value: Type.Union([Type.Number(), Type.String(), Type.Null()]),
  unit: Type.Enum(DETAIL_UNITS),
})
export type Fact = Static<typeof FactSchema>

/** What a verdict rests on. */
export const EvidenceSchema = Type.Object({
  facts: Type.Array(FactSchema),
  holders: Type.Array(HolderSchema, {
    description: 'held connections that speak for it, longest held first',
  }),
})
export type Evidence = Static<typeof EvidenceSchema>

/** What a rule says of one pool group or server. */
export const VerdictSchema = Type.Object({
  rule: Type.String(),
  title: Type.String(),
  guide: Type.String({ description: 'page and anchor of the user guide' }),
  subjectKind: SubjectKindSchema,
  subject: Type.String({ description: 'id of the pool group or server' }),
  level: LevelSchema,
  sentence: Type.String(),
  evidence: EvidenceSchema,
  remedy: { ...NullableString, description: 'what to change; null when there is nothing to' },
})
export type Verdict = Static<typeof VerdictSchema>

/** A verdict that follows from the alert's own, and is therefore no alert of its own. */
export const SymptomSchema = Type.Object({
  rule: Type.String(),
  subjectKind: SubjectKindSchema,
  subject: Type.String(),
  severity: SeveritySchema,
  sinceMs: Type.Number(),
  message: Type.String(),
})
export type Symptom = Static<typeof SymptomSchema>

/** A verdict that lasted, with what follows from it. */
export const AlertSchema = Type.Object({
  id: Type.String(),
  rule: { ...Type.String(), description: 'the deepest cause that is known' },
  title: Type.String(),
  guide: Type.String({ description: 'page and anchor of the user guide' }),
  severity: { ...SeveritySchema, description: 'of the worst of the rule and its symptoms' },
  state: AlertStateSchema,
  subjectKind: SubjectKindSchema,
  subject: Type.String({ description: 'id of the pool group or server' }),
  subjectName: Type.String(),
  sinceMs: Type.Number({ description: 'when the condition began' }),
  firedMs: { ...NullableNumber, description: 'when it had lasted long enough; null while pending' },
  resolvedMs: NullableNumber,
  message: Type.String(),
  evidence: EvidenceSchema,
  remedy: NullableString,
  symptoms: Type.Array(SymptomSchema),
  acknowledgedMs: { ...NullableNumber, description: 'when somebody took it on' },
  silenceId: { ...NullableString, description: 'the silence that keeps it quiet' },
  flapping: Type.Boolean({ description: 'comes and goes; notifications wait until it is steady' }),
  blackBox: Type.Boolean({ description: 'the minutes around it can be had' }),
})
export type Alert = Static<typeof AlertSchema>

/** How many alerts there are by state and severity; silenced ones count as what they are. */
export const AlertCountsSchema = Type.Object({
  firing: Type.Object({ info: Type.Integer(), warn: Type.Integer(), critical: Type.Integer() }),
  pending: Type.Integer(),
})
export type AlertCounts = Static<typeof AlertCountsSchema>

/** How a way out for notifications stands. */
export const NotifierStatusSchema = Type.Object({
  name: Type.String(),
  type: Type.String(),
  sentTotal: Type.Integer(),
  failedTotal: Type.Integer({ description: 'attempts that failed' }),
  droppedTotal: Type.Integer({ description: 'given up for good' }),
  queued: Type.Integer(),
  error: Type.Union([Type.Object({ message: Type.String(), sinceMs: Type.Number() }), Type.Null()], {
    description: 'why the last attempt failed; null when it did not',
  }),
})
export type NotifierStatus = Static<typeof NotifierStatusSchema>

/** `GET /api/v1/alerts`: firing first, worst first; resolved ones newest first. */
export const AlertsSchema = Type.Object({
  atMs: Type.Number(),
  counts: AlertCountsSchema,
  alerts: Type.Array(AlertSchema),
  notifiers: Type.Array(NotifierStatusSchema),
})
export type Alerts = Static<typeof AlertsSchema>

/** What a silence keeps quiet; what is not named matches all. */
export const SilenceRequestSchema = Type.Object(
  {
    rule: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
    subject: Type.Optional(Type.String({ minLength: 1, maxLength: 300 })),
    comment: Type.String({ minLength: 1, maxLength: 500 }),
    untilMs: Type.Number({ minimum: 0 }),
  },
  { additionalProperties: false },
)
export type SilenceRequest = Static<typeof SilenceRequestSchema>

/** A silence in force: alerts that match are kept and shown, and notify nobody. */
export const SilenceSchema = Type.Object({
  id: Type.String(),
  rule: NullableString,
  subject: NullableString,
  comment: Type.String(),
  createdMs: Type.Number(),
  untilMs: Type.Number(),
})
export type Silence = Static<typeof SilenceSchema>

/** `GET /api/v1/silences`, those that end soonest first */
export const SilencesSchema = Type.Object({ silences: Type.Array(SilenceSchema) })
export type Silences = Static<typeof SilencesSchema>
