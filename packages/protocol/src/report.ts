import Type, { type Static, type TSchema } from 'typebox'
import { HISTOGRAM } from './histogram.ts'
import { SystemSchema } from './names.ts'
import { TRANSACTIONS } from './words.ts'

/** Bounds of one report; what is larger is refused, so that no sender can grow the agent. */
export const REPORT_LIMITS = {
  pools: 200,
  holders: 100,
  sessionPids: 1000,
  captureStacks: 200,
  setMax: 200,
  ignoredOptions: 10,
  optionLength: 60,
  stackFrames: 16,
  nameLength: 200,
  frameLength: 300,
  traceLength: 210_000,
  bodyBytes: 1 << 20,
  inflatedBytes: 4 << 20,
} as const

const closed = { additionalProperties: false } as const
const count = (description: string) =>
  Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description })
const name = (description: string) =>
  Type.String({ minLength: 1, maxLength: REPORT_LIMITS.nameLength, description })
const durationMs = (description: string) => Type.Number({ minimum: 0, maximum: 1e12, description })

/** A value or `null` by a list of types, which is checked several times as fast as a choice of two schemas. */
function nullable<Schema extends TSchema & { type: string }>(schema: Schema) {
  return Type.Unsafe<Static<Schema> | null>({ ...schema, type: [schema.type, 'null'] })
}

const nullableCount = (description: string) =>
  nullable(Type.Integer({ minimum: 0, maximum: 1_000_000, description }))
const nullableMs = (description: string) => nullable(durationMs(description))

/** Durations counted in one window, as `[bucket, count, bucket, count, …]` in rising bucket order. */
export const SparseHistogramSchema = Type.Object(
  {
    buckets: Type.Array(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }), {
      maxItems: HISTOGRAM.size * 2,
      description: 'bucket and count in turn, buckets rising; layout in the protocol document',
    }),
    sumMs: durationMs('sum of all durations, ms'),
    maxMs: durationMs('longest duration, ms; 0 when nothing was counted'),
  },
  closed,
)
export type SparseHistogram = Static<typeof SparseHistogramSchema>

/** Whether a transaction is open on a connection; `failed` is open, and takes no statement but its end. */
export const TransactionSchema = Type.Enum(TRANSACTIONS)
export type Transaction = Static<typeof TransactionSchema>

/**
 * One connection that is in use at the moment of the report. What is optional is left out by senders that cannot know
 * it, which means the same as `null`.
 */
export const HolderReportSchema = Type.Object(
  {
    heldMs: durationMs('how long it has been held, ms'),
    sessionPid: nullable(
      Type.Integer({ minimum: 0, description: "the server's process or thread id of this connection" }),
    ),
    stack: nullable(
      Type.Array(Type.String({ maxLength: REPORT_LIMITS.frameLength }), {
        maxItems: REPORT_LIMITS.stackFrames,
        description: 'frames of the code that asked, innermost first; null where not sampled',
      }),
    ),
    quietMs: Type.Optional(
      nullableMs('for how long nothing has run on it while held, ms; 0 while a statement runs'),
    ),
    running: Type.Optional(nullable(Type.Boolean({ description: 'a statement runs on it at this moment' }))),
    transaction: Type.Optional(
      Type.Unsafe<Transaction | null>({
        enum: [...TRANSACTIONS, null],
        description: 'what the driver says of its transaction',
      }),
    ),
    listening: Type.Optional(
      Type.Boolean({ description: 'held to be told of notifications: quiet for a reason' }),
    ),
    gone: Type.Optional(
      Type.Boolean({ description: 'collected as garbage by its holder, and so never to be given back' }),
    ),
  },
  closed,
)
export type HolderReport = Static<typeof HolderReportSchema>

/** Where a pool's connections lead, without credentials. */
export const PoolTargetSchema = Type.Object(
  {
    host: nullable(Type.String({ maxLength: 255 })),
    port: nullable(Type.Integer({ minimum: 0, maximum: 65_535 })),
    database: nullable(Type.String({ maxLength: REPORT_LIMITS.nameLength })),
    user: nullable(Type.String({ maxLength: REPORT_LIMITS.nameLength })),
  },
  closed,
)
export type PoolTarget = Static<typeof PoolTargetSchema>

/** What happened in one pool since the report before. */
export const PoolWindowSchema = Type.Object(
  {
    checkouts: count('connections handed out'),
    timeouts: count('callers that gave up waiting'),
    errors: count('callers that got another error instead of a connection'),
    created: count('connections opened'),
    destroyed: count('connections closed'),
    inUsePeak: count('most connections in use at one moment'),
    waitingPeak: count('most callers waiting at one moment'),
    wait: SparseHistogramSchema,
    hold: SparseHistogramSchema,
    create: SparseHistogramSchema,
    looks: Type.Optional(
      Type.Object(
        {
          busy: count('looks at a held connection that found a statement running'),
          idle: count('looks at a held connection that found none'),
        },
        { ...closed, description: 'what held connections did, looked at a few times a second' },
      ),
    ),
  },
  closed,
)
export type PoolWindow = Static<typeof PoolWindowSchema>

/** Every checkout that was settled in the window, without a gap. */
export const TraceReportSchema = Type.Object(
  {
    fromMs: Type.Number({
      minimum: 0,
      maximum: 1e13,
      description: "the window's start, ms on the process's own clock; where the window before ended",
    }),
    data: Type.String({
      maxLength: REPORT_LIMITS.traceLength,
      // Looks for what may not be there: three times as fast as a match of the whole text.
      not: { pattern: '[^A-Za-z0-9+/=]' },
      description: 'the packed checkouts in base64; layout in the protocol document',
    }),
  },
  {
    ...closed,
    description: 'null where some are missing, or the pool is too fast; left out where none are recorded',
  },
)

const limit = (description: string) => Type.Integer({ minimum: 1, maximum: 1_000_000, description })

const option = (description: string) =>
  Type.String({ minLength: 1, maxLength: REPORT_LIMITS.optionLength, description })

/** An option that was given to a pool, and that its driver takes no notice of. Never its value. */
export const IgnoredOptionSchema = Type.Object(
  {
    name: option('the name that was given'),
    instead: nullable(option('the option of this driver that does it; null where it has none')),
  },
  closed,
)
export type IgnoredOption = Static<typeof IgnoredOptionSchema>

/** Within what the `max` of a pool may be changed while its process runs, as its developer has allowed. */
export const TurnableSchema = Type.Object(
  {
    least: limit('smallest max that is allowed'),
    most: limit('largest max that is allowed'),
    original: limit('max that the process began with, and goes back to'),
  },
  { ...closed, description: 'null, or left out, where it may not be changed' },
)
export type Turnable = Static<typeof TurnableSchema>

/** One pool of one process: what is true now, and what happened since the report before. */
export const PoolReportSchema = Type.Object(
  {
    name: name('name of the pool within its service'),
    system: SystemSchema,
    target: PoolTargetSchema,
    max: nullableCount('most connections the pool may open; null when not known'),
    min: nullableCount('connections the pool keeps open; null when not known'),
    acquireTimeoutMs: nullableMs('how long a caller waits before it gives up; null when it waits for ever'),
    idleTimeoutMs: nullableMs('after how long an idle connection is closed; null when never'),
    maxLifetimeMs: Type.Optional(
      nullableMs('at which age a connection is closed once nobody holds it; null when never'),
    ),
    ignoredOptions: Type.Optional(
      nullable(
        Type.Array(IgnoredOptionSchema, {
          maxItems: REPORT_LIMITS.ignoredOptions,
          description:
            'well-known options that were given and have no effect; null, or left out, where not known',
        }),
      ),
    ),
    inUse: count('connections held by a caller'),
    idle: count('open connections that nobody holds'),
    connecting: count('connections being opened'),
    waiting: count('callers that asked and have none yet'),
    oldestWaitMs: nullableMs('age of the longest wait that still goes on, ms; null when nobody waits'),
    ended: Type.Boolean({ description: 'the pool was shut down; no report of it follows' }),
    window: PoolWindowSchema,
    trace: Type.Optional(nullable(TraceReportSchema)),
    turnable: Type.Optional(nullable(TurnableSchema)),
    sessionPids: Type.Array(Type.Integer({ minimum: 0 }), {
      maxItems: REPORT_LIMITS.sessionPids,
      description: "the server's process ids of all open connections",
    }),
    holders: Type.Array(HolderReportSchema, {
      maxItems: REPORT_LIMITS.holders,
      description: 'connections in use, longest held first',
    }),
  },
  closed,
)
export type PoolReport = Static<typeof PoolReportSchema>

/** What a probe sends to `POST /api/v1/reports`, about once a second. */
export const ReportSchema = Type.Object(
  {
    protocol: Type.Integer({ minimum: 0, maximum: 1000, description: 'protocol version' }),
    probe: Type.String({ maxLength: 100, description: 'who measures, for example node/0.1.0' }),
    service: name('the service, as OpenTelemetry service.name'),
    instance: name('this process among those of the service'),
    startedAtMs: Type.Number({ description: 'when the process started, epoch ms; a change is a restart' }),
    sequence: count(
      'one more with each report of this process; the same as before is the same report, sent again',
    ),
    windowMs: durationMs('length of the window that the counts are for, ms'),
    droppedTotal: count('reports, pools and holders left out since process start'),
    pools: Type.Array(PoolReportSchema, { maxItems: REPORT_LIMITS.pools }),
  },
  { ...closed, $id: 'https://poolscope.dev/schema/report-1.json', title: 'Poolscope report' },
)
export type Report = Static<typeof ReportSchema>

/** The agent's answer to a report. */
export const ReportReplySchema = Type.Object({
  accepted: count('pools taken in'),
  dropped: count('pools left out because the agent keeps no more'),
  captureStacks: Type.Optional(
    Type.Array(
      Type.Object({
        system: SystemSchema,
        name: name('name of a pool of this process'),
        forMs: durationMs('for how long, from now on, ms'),
      }),
      {
        maxItems: REPORT_LIMITS.captureStacks,
        description: 'pools whose every checkout is to have its stack captured for a while',
      },
    ),
  ),
  setMax: Type.Optional(
    Type.Array(
      Type.Object({
        system: SystemSchema,
        name: name('name of a pool of this process that is turnable'),
        max: limit('max that it is to have'),
        forMs: durationMs('until it goes back to its original without another wish, ms'),
      }),
      {
        maxItems: REPORT_LIMITS.setMax,
        description: 'wanted limits, with each reply anew; a pool without a wish goes back to its original',
      },
    ),
  ),
})
export type ReportReply = Static<typeof ReportReplySchema>
