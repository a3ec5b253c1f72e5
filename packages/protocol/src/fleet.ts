import Type, { type Static } from 'typebox'
import { NullableNumber, NullableString, StatusSchema, SystemSchema } from './names.ts'
import { IgnoredOptionSchema, TransactionSchema } from './report.ts'
import { ServerNowSchema } from './server.ts'
import { ACTIVITIES, STACK_STATES } from './words.ts'

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
  holdBusyRatio: {
    ...NullableNumber,
    description: 'part of the time held in which a statement ran; the rest lay idle in hand',
  },
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
  maxLifetimeMs: {
    ...NullableNumber,
    description: 'age at which a connection is closed; null where none is known',
  },
  ignoredOptions: Type.Union([Type.Array(IgnoredOptionSchema), Type.Null()], {
    description: 'options that were given and have no effect; null where not known',
  }),
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

export const ActivitySchema = Type.Enum(ACTIVITIES)
export type Activity = Static<typeof ActivitySchema>

export const StackStateSchema = Type.Enum(STACK_STATES)
export type StackState = Static<typeof StackStateSchema>

const stackFrames = Type.Union([Type.Array(Type.String()), Type.Null()], {
  description: 'frames of the code that asked, innermost first; null where not sampled',
})

/** The session that keeps another one waiting for a lock, and the pool it belongs to where a probe says so. */
export const BlockerSchema = Type.Object({
  sessionPid: Type.Integer(),
  poolId: NullableString,
  service: NullableString,
  stack: stackFrames,
})
export type Blocker = Static<typeof BlockerSchema>

/** Locks of one kind that a session has or waits for. */
export const HeldLockSchema = Type.Object({
  kind: Type.String({
    description: "the server's word for what is locked, such as relation, advisory or record",
  }),
  mode: Type.String({ description: "the server's word for how, such as RowExclusiveLock or X" }),
  relation: {
    ...NullableString,
    description: 'schema and table; null where it is none, or is of another database than the agent asks in',
  },
  granted: Type.Boolean({ description: 'false where it is waited for' }),
  count: Type.Integer({ description: 'locks that are alike in all of this' }),
})
export type HeldLock = Static<typeof HeldLockSchema>

/** What a session that idles in a transaction keeps locked. */
export const HeldLocksSchema = Type.Object({
  listed: Type.Array(HeldLockSchema, { description: 'the strongest first, at most eight' }),
  complete: Type.Boolean({ description: 'all of them are listed' }),
  rows: {
    ...NullableNumber,
    description: 'rows that are locked, about; null where the server does not count them',
  },
})
export type HeldLocks = Static<typeof HeldLocksSchema>

/** One connection in use: since when, by which code, on which server session, and what that does. */
export const HolderSchema = Type.Object({
  poolId: Type.String(),
  instance: Type.String(),
  sinceMs: Type.Number({ description: 'when it was taken, epoch ms by the agent clock' }),
  heldMs: Type.Number({ description: 'how long it had been held when last reported' }),
  sessionPid: NullableNumber,
  sessionState: { ...NullableString, description: "the server's word for what the session does" },
  waitEventType: { ...NullableString, description: "the server's word for what kind of thing it waits for" },
  waitEvent: NullableString,
  stack: stackFrames,
  stackState: StackStateSchema,
  site: { ...NullableString, description: 'first frame of the application; null where not sampled' },
  activity: ActivitySchema,
  quietMs: {
    ...NullableNumber,
    description:
      'for how long nothing has run on it while held, when last reported; 0 while a statement runs',
  },
  quietLimitMs: {
    ...NullableNumber,
    description: 'quiet for longer than this it is suspected; null where it is not judged by that',
  },
  transaction: Type.Union([TransactionSchema, Type.Null()]),
  transactionMs: { ...NullableNumber, description: 'age of the open transaction by the server' },
  lastStatement: { ...NullableString, description: 'what ran last, or runs, with every literal replaced' },
  suspectedSinceMs: {
    ...NullableNumber,
    description: 'since when it is taken for a leak, epoch ms; null when it is not',
  },
  blockedBy: Type.Union([BlockerSchema, Type.Null()]),
  blocks: { ...NullableNumber, description: 'sessions that it keeps waiting for a lock' },
  locks: Type.Union([HeldLocksSchema, Type.Null()], {
    description:
      'what it keeps locked while it idles in a transaction; null where it does not, or where that is not known',
  }),
})
export type Holder = Static<typeof HolderSchema>

/** A hold that was suspected, and was used or given back after all. */
export const LateReturnSchema = Type.Object({
  poolId: Type.String(),
  atMs: Type.Number(),
  heldMs: Type.Number({ description: 'how long it had been held when last reported' }),
  quietMs: Type.Number({ description: 'how long it had been quiet when last reported' }),
  site: NullableString,
})
export type LateReturn = Static<typeof LateReturnSchema>

/** `GET /api/v1/pools/:id/holders` and `GET /api/v1/groups/:id/holders`, longest held first */
export const HoldersSchema = Type.Object({
  atMs: Type.Number(),
  total: Type.Integer({ description: 'connections in use; more than the list when it was cut' }),
  holders: Type.Array(HolderSchema),
  lateReturns: Type.Object({
    total: Type.Integer({ description: 'since the agent knows the pools' }),
    last: Type.Union([LateReturnSchema, Type.Null()]),
  }),
})
export type Holders = Static<typeof HoldersSchema>

/**
 * The head of `GET /api/v1/pools/:id/trace.bin`, and of `GET /api/v1/groups/:id/trace.bin` of the instance with the
 * longest record. The answer is the head's length as four bytes, the lowest first, then the head as JSON, then the windows.
 */
export type TraceHead = {
  poolId: string
  /** When the last window was received. */
  atMs: number
  /** Length of all windows together; 0 where none is recorded. */
  windowMs: number
  /**
   * Windows without a gap, each as the probe packed it, in so many bytes. Newest first, as they follow: whoever looks
   * at the last minutes need not wait for the hour before.
   */
  blocks: { fromMs: number; bytes: number }[]
  /** For how long each connection that is in use has been held, at most 100. */
  heldMs: number[]
}

/** `GET /api/v1/groups/:id` */
export const GroupDetailSchema = Type.Object({
  group: GroupNowSchema,
  pools: Type.Array(PoolNowSchema),
})
export type GroupDetail = Static<typeof GroupDetailSchema>
