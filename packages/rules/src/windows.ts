import type {
  GroupNow,
  Holder,
  PoolColumn,
  PoolNow,
  ServerNow,
  Session,
  Statement,
} from '@poolscope/protocol'

/** Numbers of one subject over time in equal steps, oldest first. */
export type Series<Column extends string> = {
  /** Time between two entries, ms. */
  readonly stepMs: number
  readonly length: number
  /** The value of a column at an entry, 0 the oldest; null where it was not known. */
  at(column: Column, index: number): number | null
}

/** Columns of a pool group that are kept for a day: least, most or mean of each step. */
export const GROUP_DAY_COLUMNS = [
  'inUseMin',
  'inUsePeak',
  'idleMin',
  'max',
  'checkoutsPerSec',
  'attemptsPerSec',
  'holdP95Ms',
] as const
export type GroupDayColumn = (typeof GROUP_DAY_COLUMNS)[number]

/** Columns of a server that are kept for a day. */
export const SERVER_DAY_COLUMNS = ['total'] as const
export type ServerDayColumn = (typeof SERVER_DAY_COLUMNS)[number]

/** All that rules look at to judge one pool group. */
export type GroupWindow = {
  readonly atMs: number
  readonly group: GroupNow
  /** Its instances, stale ones included. */
  readonly pools: readonly PoolNow[]
  /** Connections in use now, longest held first; empty where no probe tells. */
  readonly holders: readonly Holder[]
  /** Sessions on the server that its pools own. */
  readonly sessions: readonly Session[]
  /** The watched server it leads to; null where that is not known. */
  readonly server: ServerNow | null
  /** Other groups that lead to the same server. */
  readonly neighbours: readonly GroupNow[]
  /** The last minutes, tick by tick. */
  readonly recent: Series<PoolColumn>
  /** The last day in steps of minutes. */
  readonly day: Series<GroupDayColumn>
}

/** All that rules look at to judge one server. */
export type ServerWindow = {
  readonly atMs: number
  readonly server: ServerNow
  /** Client sessions with their owners. */
  readonly sessions: readonly Session[]
  /** Pool groups that lead here; for a pooler also those that it keeps. */
  readonly groups: readonly GroupNow[]
  /** What its statements did lately; null when it tells nothing. */
  readonly statements: readonly Statement[] | null
  readonly day: Series<ServerDayColumn>
}
