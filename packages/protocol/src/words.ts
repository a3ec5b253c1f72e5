/**
 * The words and limits of the protocol as plain values, apart from the schemas, so that a page that
 * needs the words does not load the schema library.
 */

/**
 * Version of everything in this package that crosses a process boundary. A peer with another
 * version is refused with `protocol_unsupported`, never half understood.
 */
export const PROTOCOL_VERSION = 1

/** The systems a pool can lead to, by OpenTelemetry's `db.system.name` where it has one. */
export const SYSTEMS = [
  'postgresql',
  'mysql',
  'mariadb',
  'mongodb',
  'redis',
  'pgbouncer',
  'http',
  'grpc',
] as const

/**
 * How a pool or server stands, worst last. `unknown` means that there is not enough evidence,
 * which is never a pass; `stale` means that what is shown was true once.
 */
export const STATUSES = ['ok', 'unknown', 'stale', 'warning', 'critical'] as const

/** How a server or a pool stands for a health check, worst last. */
export const HEALTHS = ['healthy', 'degraded', 'unhealthy'] as const

/**
 * When a health check fails, in the agent and in the probe alike. Shorter times would call a long statement broken; longer
 * ones leave callers waiting for an instance that serves nobody.
 */
export const HEALTH_LIMITS = {
  /** A pool that is full, and to which nothing comes back for so long, is stuck. */
  stuckMs: 30_000,
  /** Connections come back for so long before a pool that was stuck is trusted again. */
  recoverMs: 5_000,
  /** More waiting callers than this are a failure for checks that know no better, */
  manyWaiting: 10,
  /** and no more than this are none. In between holds what was last said. */
  fewWaiting: 5,
} as const

/**
 * What stands between the agent and a server.
 * `up`: sampled; `connecting`: not yet; `refused`: it answers but lets nobody in, a sample in its
 * own right; `denied`: credentials or privileges; `unreachable`: no answer.
 */
export const SERVER_STATES = ['up', 'connecting', 'refused', 'denied', 'unreachable'] as const

/**
 * The numeric columns of a pool or a pool group, in the order in which a live frame carries them.
 * `stale` is 0 or 1, `status` an index into `STATUSES`, `ageMs` the frame's time less the sample's.
 */
export const POOL_COLUMNS = [
  'max',
  'min',
  'inUse',
  'idle',
  'connecting',
  'waiting',
  'inUsePeak',
  'waitingPeak',
  'oldestWaitMs',
  'waitP50Ms',
  'waitP95Ms',
  'waitP99Ms',
  'waitMaxMs',
  'holdP50Ms',
  'holdP95Ms',
  'holdP99Ms',
  'holdMaxMs',
  'createP95Ms',
  'checkoutsPerSec',
  'timeoutsPerSec',
  'errorsPerSec',
  'createdPerSec',
  'destroyedPerSec',
  'instances',
  'ageMs',
  'stale',
  'status',
  'holdBusyRatio',
] as const

/** The numeric columns of a server, in frame order; `state` is an index into `SERVER_STATES`. */
export const SERVER_COLUMNS = [
  'maxConnections',
  'reservedConnections',
  'active',
  'idle',
  'idleInTransaction',
  'other',
  'total',
  'sampleIntervalMs',
  'sampleMs',
  'ageMs',
  'stale',
  'status',
  'state',
] as const

/** Most topics that one socket may hold. */
export const MAX_TOPICS = 16

/** Close codes of the live socket beyond the standard ones. */
export const CLOSE_CODES = { badMessage: 4400 } as const

/** What a limit below that of the whole server is on. */
export const LIMIT_KINDS = ['user', 'database'] as const

/** Units of the details of a server; `count` has none, `text` is no number. */
export const DETAIL_UNITS = ['count', 'ms', 'bytes', 'perSec', 'ratio', 'text'] as const

/**
 * Where statements come from. `sampled`: from what sessions were seen to run, so that only what runs
 * long shows, and calls are a lower bound.
 */
export const STATEMENT_SOURCES = ['pg_stat_statements', 'performance_schema', 'slowlog', 'sampled'] as const

/** Orders of statements. */
export const STATEMENT_ORDERS = ['total', 'calls', 'mean', 'p95', 'max', 'rows'] as const

/** What is known of a transaction on a held connection. */
export const TRANSACTIONS = ['none', 'open', 'failed'] as const

/**
 * What a held connection does. `blocked`: its statement waits for a lock; `gone`: its holder was collected as garbage,
 * so that nobody can give it back.
 */
export const ACTIVITIES = ['running', 'blocked', 'idle_in_transaction', 'idle', 'gone', 'unknown'] as const

/**
 * Why the code of a holder is known or not. `capturing`: not of this one, and from now on every checkout of its pool has
 * its stack captured, because one is suspected.
 */
export const STACK_STATES = ['captured', 'not_sampled', 'capturing'] as const
/** What a row of history shows of the ticks that it stands for. */
export const HISTORY_AGGREGATES = ['max', 'avg', 'min'] as const
export type HistoryAggregate = (typeof HISTORY_AGGREGATES)[number]

/**
 * What an annotation marks: a deploy that somebody posted, a process that began anew, a server that did, a limit
 * that changed, or an alert that fired.
 */
export const ANNOTATION_KINDS = [
  'deploy',
  'probe_restart',
  'server_restart',
  'config_change',
  'alert',
] as const
/** What a rule finds, worst last. `unknown` means that there is not enough evidence, which is never a pass. */
export const LEVELS = ['ok', 'unknown', 'warn', 'critical'] as const

/** How much an alert matters: `info` waits for office hours, `critical` wakes somebody. */
export const SEVERITIES = ['info', 'warn', 'critical'] as const

/** The life of an alert. */
export const ALERT_STATES = ['pending', 'firing', 'resolved'] as const

/** What keeps the callers of a pool waiting, or would. */
export const CAUSES = [
  'healthy',
  'burst',
  'undersized',
  'slow_query',
  'held_during_io',
  'leak',
  'lock',
  'database_saturated',
  'churn',
  'pooler_bound',
  'unknown',
] as const

/**
 * The life of a changed limit: `asked`: the processes have not taken it yet; `applied`: it is in force; `undone` by
 * somebody; `rolled_back` by the agent because something got worse; `over`: its time is over, its processes are gone, or
 * another change took its place; `refused`: the processes did not take it.
 */
export const KNOB_STATES = ['asked', 'applied', 'undone', 'rolled_back', 'over', 'refused'] as const
