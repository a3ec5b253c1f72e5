import Type, { type Static } from 'typebox'
import { NullableNumber, NullableString, StatusSchema, SystemSchema } from './names.ts'
import { ServerNowSchema } from './server.ts'
import { HOLDER_ACTIVITIES, TRANSACTION_STATES } from './words.ts'

/** Percentiles of a duration over the sample's window, ms; all `null` when nothing was counted. */
export const DurationSchema = Type.Object({
  p50: NullableNumber,
  p95: NullableNumber,
  p99: NullableNumber,
  max: NullableNumber,
})
export type Duration = Static<typeof DurationSchema>

/** Whether a probe measures the pool, or the server's session list merely shows it. */
export const OriginSchema = Type.Enum(['probe', 'observed'] as const)
export type Origin = Static<typeof OriginSchema>

const numbers = {
  max: { ...NullableNumber, description: 'most connections it may open' },
  min: { ...NullableNumber, description: 'connections it keeps open' },
  inUse: { ...NullableNumber, description: 'connections held by a caller' },
  idle: { ...NullableNumber, description: 'open connections that nobody holds' },
  connecting: { ...NullableNumber, description: 'connections being opened' },
  waiting: { ...NullableNumber, description: 'callers without a connection yet' },
  inUsePeak: { ...NullableNumber, description: 'most in use at one moment of the last report window' },
  waitingPeak: { ...NullableNumber, description: 'most waiting at one moment of the last report window' },
  oldestWaitMs: { ...NullableNumber, description: 'age of the longest wait that still goes on' },
  utilizationRatio: { ...NullableNumber, description: 'inUse / max' },
  waitMs: DurationSchema,
  holdMs: DurationSchema,
  createMs: DurationSchema,
  checkoutsPerSec: NullableNumber,
  timeoutsPerSec: NullableNumber,
  errorsPerSec: NullableNumber,
  createdPerSec: NullableNumber,
  destroyedPerSec: NullableNumber,
  windowMs: Type.Number({ description: 'length of the window of rates and percentiles' }),
}

const verdict = {
  status: StatusSchema,
  reason: { ...NullableString, description: 'the status in one sentence; null when ok' },
  atMs: Type.Number({ description: 'when this was true, epoch ms by the agent clock' }),
  stale: Type.Boolean({ description: 'three reports are missing: the numbers are the last known' }),
}

/** One client-side pool in one process, now. */
export const PoolNowSchema = Type.Object({
  id: Type.String(),
  groupId: Type.String(),
  service: Type.String(),
  name: Type.String(),
  instance: Type.String(),
  system: SystemSchema,
  origin: OriginSchema,
  serverId: { ...NullableString, description: 'the watched server it leads to, where that is known' },
  upstreamServerId: { ...NullableString, description: 'the watched server behind the pooler that keeps it' },
  mode: { ...NullableString, description: "a pooler's word for when it takes a connection back" },
  ...numbers,
  acquireTimeoutMs: NullableNumber,
  idleTimeoutMs: NullableNumber,
  startedAtMs: NullableNumber,
  ...verdict,
})
export type PoolNow = Static<typeof PoolNowSchema>

/** The same pool across all instances of its service, now: sums, merged percentiles, worst status. */
export const GroupNowSchema = Type.Object({
  id: Type.String(),
  service: Type.String(),
  name: Type.String(),
  system: SystemSchema,
  origin: OriginSchema,
  serverId: { ...NullableString, description: 'the watched server, where all instances share one' },
  instances: Type.Integer({ description: 'instances that the sums are of' }),
  staleInstances: Type.Integer({ description: 'instances that went silent and are left out of the sums' }),
  ...numbers,
  ...verdict,
})
export type GroupNow = Static<typeof GroupNowSchema>

/** `GET /api/v1/fleet` */
export const FleetSchema = Type.Object({
  atMs: Type.Number(),
  groups: Type.Array(GroupNowSchema),
  pools: Type.Array(PoolNowSchema),
  servers: Type.Array(ServerNowSchema),
  droppedTotal: Type.Number({ description: 'samples, pools and frames left out since the agent started' }),
})
export type Fleet = Static<typeof FleetSchema>

/** One connection in use: since when, by which code, on which server session. */
export const HolderSchema = Type.Object({
  poolId: Type.String(),
  instance: Type.String(),
  sinceMs: Type.Number({ description: 'when it was taken, epoch ms by the agent clock' }),
  heldMs: Type.Number({ description: 'how long it had been held when last reported' }),
  sessionPid: NullableNumber,
  sessionState: { ...NullableString, description: "the server's word for what the session does" },
  stack: Type.Union([Type.Array(Type.String()), Type.Null()], {
    description: 'frames of the code that asked, innermost first; null where not sampled',
  }),
  quietMs: Type.Optional({ ...NullableNumber, description: 'since its last statement ended or began' }),
  transaction: Type.Optional(
    Type.Union([Type.Enum(TRANSACTION_STATES), Type.Null()], {
      description: 'of the session, by the client',
    }),
  ),
  activity: Type.Optional({ ...Type.Enum(HOLDER_ACTIVITIES), description: 'what the hold is spent on' }),
  lastStatement: Type.Optional({ ...NullableString, description: 'normalized, without literals' }),
  suspectedSinceMs: Type.Optional({ ...NullableNumber, description: 'null unless suspected to be a leak' }),
  blockedBy: Type.Optional(
    Type.Union([
      Type.Object({
        sessionPid: Type.Number(),
        poolId: NullableString,
        service: NullableString,
        stack: Type.Union([Type.Array(Type.String()), Type.Null()]),
      }),
      Type.Null(),
    ]),
  ),
})
export type Holder = Static<typeof HolderSchema>

/** `GET /api/v1/pools/:id/holders` and `GET /api/v1/groups/:id/holders`, longest held first */
export const HoldersSchema = Type.Object({
  atMs: Type.Number(),
  total: Type.Integer({ description: 'connections in use; more than the list when it was cut' }),
  holders: Type.Array(HolderSchema),
})
export type Holders = Static<typeof HoldersSchema>

/** `GET /api/v1/groups/:id` */
export const GroupDetailSchema = Type.Object({
  group: GroupNowSchema,
  pools: Type.Array(PoolNowSchema),
})
export type GroupDetail = Static<typeof GroupDetailSchema>
