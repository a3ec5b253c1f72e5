import type { HistoryAggregate, PoolColumn, ServerColumn } from '@poolscope/protocol'

/**
 * What a column is, which says how rows of it become one.
 * `gauge` and `rate`: average, largest and smallest; the sum of a rate is the average times the step.
 * A name of a rate: a percentile, averaged by how much was counted, and the largest. `peak`: the largest alone, as an
 * average of 99th percentiles or of words' numbers says nothing.
 */
type ColumnKind = 'gauge' | 'rate' | 'peak' | { weight: PoolColumn }

const KINDS: Record<PoolColumn | ServerColumn, ColumnKind> = {
  max: 'gauge',
  min: 'gauge',
  inUse: 'gauge',
  idle: 'gauge',
  connecting: 'gauge',
  waiting: 'gauge',
  inUsePeak: 'peak',
  waitingPeak: 'peak',
  oldestWaitMs: 'peak',
  waitP50Ms: { weight: 'checkoutsPerSec' },
  waitP95Ms: { weight: 'checkoutsPerSec' },
  waitP99Ms: 'peak',
  waitMaxMs: 'peak',
  holdP50Ms: { weight: 'checkoutsPerSec' },
  holdP95Ms: { weight: 'checkoutsPerSec' },
  holdP99Ms: 'peak',
  holdMaxMs: 'peak',
  holdBusyRatio: { weight: 'checkoutsPerSec' },
  createP95Ms: { weight: 'createdPerSec' },
  checkoutsPerSec: 'rate',
  timeoutsPerSec: 'rate',
  errorsPerSec: 'rate',
  createdPerSec: 'rate',
  destroyedPerSec: 'rate',
  instances: 'gauge',
  ageMs: 'peak',
  stale: 'peak',
  status: 'peak',
  maxConnections: 'gauge',
  reservedConnections: 'gauge',
  active: 'gauge',
  idleInTransaction: 'gauge',
  other: 'gauge',
  total: 'gauge',
  sampleIntervalMs: 'gauge',
  sampleMs: 'peak',
  state: 'peak',
}

/** A column of a later version counts as a gauge. */
function kindOf(column: string): ColumnKind {
  return Object.hasOwn(KINDS, column) ? KINDS[column as keyof typeof KINDS] : 'gauge'
}

/** The aggregates that roll-ups keep of a column. */
export function aggregatesOf(column: string): readonly HistoryAggregate[] {
  const kind = kindOf(column)
  if (kind === 'gauge' || kind === 'rate') return ['max', 'avg', 'min']
  return kind === 'peak' ? ['max'] : ['max', 'avg']
}

/**
 * The aggregate that answers for another one: of a peak there is only the largest, so that it stands for the average
 * too; a smallest that is not kept is not known.
 */
export function answeringAggregate(column: string, asked: HistoryAggregate): HistoryAggregate | null {
  const kept = aggregatesOf(column)
  if (kept.includes(asked)) return asked
  return asked === 'avg' ? 'max' : null
}

/** The column whose average weighs a column's average; null where every tick weighs the same. */
export function weightOf(column: string): string | null {
  const kind = kindOf(column)
  return typeof kind === 'object' ? kind.weight : null
}

/** Column of a roll-up that holds how many ticks a row is of. */
export const TICKS = 'ticks'

/** Name of an aggregate of a column in a roll-up. */
export function rolledName(column: string, aggregate: HistoryAggregate): string {
  return `${column}.${aggregate}`
}

/** The columns of a roll-up of these. */
export function rolledNames(columns: readonly string[]): string[] {
  return [TICKS, ...columns.flatMap((column) => aggregatesOf(column).map((kept) => rolledName(column, kept)))]
}
