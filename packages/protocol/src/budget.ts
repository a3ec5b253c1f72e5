import Type, { type Static } from 'typebox'
import { OriginSchema } from './fleet.ts'
import { NullableNumber } from './names.ts'

/** What one pool group may open on a server. */
export const BudgetRowSchema = Type.Object({
  groupId: Type.String(),
  service: Type.String(),
  name: Type.String(),
  origin: OriginSchema,
  instances: Type.Integer(),
  max: { ...NullableNumber, description: 'most that each instance may open; the largest where they differ' },
  declared: { ...NullableNumber, description: 'sum of max over the instances; null when one is not known' },
  inUse: { ...NullableNumber, description: 'connections held by callers now' },
  open: { ...NullableNumber, description: 'connections that exist now' },
  worst: { ...NullableNumber, description: 'declared; what is open now where that is not known' },
  granted: { ...NullableNumber, description: 'max of each instance with which all groups would fit' },
})
export type BudgetRow = Static<typeof BudgetRowSchema>

/** `GET /api/v1/servers/:id/budget`, largest worst case first */
export const ServerBudgetSchema = Type.Object({
  atMs: Type.Number(),
  serverId: Type.String(),
  name: Type.String(),
  maxConnections: NullableNumber,
  reserved: { ...NullableNumber, description: 'slots that ordinary users cannot have' },
  usable: NullableNumber,
  open: { ...NullableNumber, description: 'connections on the server now' },
  others: { ...NullableNumber, description: 'open ones that belong to no pool: people, jobs, this agent' },
  worst: { ...NullableNumber, description: 'if every pool filled up, and the others stayed' },
  rollout: {
    ...NullableNumber,
    description: 'the same while the largest group has old and new instances at once',
  },
  unknown: Type.Integer({ description: 'groups whose max is not known; the worst case is at least as said' }),
  fits: Type.Union([Type.Boolean(), Type.Null()], {
    description: 'worst <= usable; null when a limit or a max that decides it is not known',
  }),
  rows: Type.Array(BudgetRowSchema),
})
export type ServerBudget = Static<typeof ServerBudgetSchema>
