import Type, { type Static } from 'typebox'
import { LevelSchema, VerdictSchema } from './alert.ts'
import { NullableNumber, NullableString } from './names.ts'
import { CAUSES } from './words.ts'

/** One sentence on why the callers of a pool group wait, or why all is well. */
export const CauseSchema = Type.Object({
  subject: Type.String({ description: 'id of the pool group' }),
  cause: Type.Enum(CAUSES),
  sentence: Type.String(),
  evidence: VerdictSchema.properties.evidence,
})
export type Cause = Static<typeof CauseSchema>

/** Code that shows a remedy in one language. */
export const ExampleSchema = Type.Object({ language: Type.String(), code: Type.String() })
export type Example = Static<typeof ExampleSchema>

/** One item of a list that a reviewer goes through. `unobservable` says why nothing can be said by watching. */
export const AdviceItemSchema = Type.Object({
  id: Type.String(),
  section: Type.String(),
  text: Type.String(),
  state: Type.Enum(['pass', 'fail', 'unknown', 'unobservable'] as const),
  rules: Type.Array(Type.String()),
  reason: { ...NullableString, description: 'why it cannot be observed, or why it is unknown' },
  examples: Type.Array(ExampleSchema),
})
export type AdviceItem = Static<typeof AdviceItemSchema>

/** What was checked: passes, failures, and what could not be known, which is no pass. */
export const ScoreSchema = Type.Object({
  passed: Type.Integer(),
  failed: Type.Integer(),
  unknown: Type.Integer(),
  ratio: { ...NullableNumber, description: 'passed / all three; null when nothing was checked' },
})
export type Score = Static<typeof ScoreSchema>

/** Everything that can be said of one service or server. */
export const AdviceSubjectSchema = Type.Object({
  kind: Type.Enum(['service', 'server'] as const),
  id: Type.String({ description: 'name of the service, or id of the server' }),
  name: Type.String(),
  score: ScoreSchema,
  level: LevelSchema,
  causes: Type.Array(CauseSchema),
  checklist: Type.Array(AdviceItemSchema),
  verdicts: Type.Array(VerdictSchema),
})
export type AdviceSubject = Static<typeof AdviceSubjectSchema>

/** `GET /api/v1/advice`: worst subjects first */
export const AdviceSchema = Type.Object({
  atMs: Type.Number(),
  score: ScoreSchema,
  checklist: Type.Array(AdviceItemSchema),
  antiPatterns: Type.Array(AdviceItemSchema),
  reviewQuestions: Type.Array(AdviceItemSchema),
  subjects: Type.Array(AdviceSubjectSchema),
})
export type Advice = Static<typeof AdviceSchema>
