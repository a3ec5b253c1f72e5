import type { History, HistoryQuery } from '@poolscope/protocol'
import type { SeriesRing, TickTimes } from './tick-ring.ts'

/** The ticks that one row of an answer stands for. */
type Bucket = { from: number; to: number }

/**
 * Answers a range from the ring.
 *
 * At most `points` rows: where there are more ticks, each row stands for several and shows the
 * largest value of each column, so that a spike of one second survives.
 * @param columns names in the order of the ring's columns
 */
export function recentHistory(
  times: TickTimes,
  ring: SeriesRing,
  columns: readonly string[],
  query: HistoryQuery,
  tickMs: number,
): History {
  const { rows, ...range } = bucketsOf(times, query, tickMs)
  const answer: History = { ...range, columns: {} }
  columns.forEach((name, column) => {
    answer.columns[name] = rows.map((bucket) => largest(ring, column, bucket))
  })
  return answer
}

/** One column of many rings over the same rows. */
export function recentColumn(
  times: TickTimes,
  rings: readonly [string, SeriesRing][],
  column: number,
  query: HistoryQuery,
  tickMs: number,
) {
  const { rows, ...range } = bucketsOf(times, query, tickMs)
  const groups: Record<string, (number | null)[]> = {}
  for (const [id, ring] of rings) groups[id] = rows.map((bucket) => largest(ring, column, bucket))
  return { ...range, groups }
}

function bucketsOf(times: TickTimes, query: HistoryQuery, tickMs: number) {
  const newest = times.count === 0 ? 0 : times.at(times.count - 1)
  const fromMs = query.fromMs ?? (times.count === 0 ? 0 : times.at(times.first))
  const toMs = query.toMs ?? newest
  const ticks: number[] = []
  for (let tick = times.first; tick < times.count; tick++) {
    if (times.at(tick) >= fromMs && times.at(tick) <= toMs) ticks.push(tick)
  }
  const size = Math.max(1, Math.ceil(ticks.length / (query.points ?? Number.POSITIVE_INFINITY)))
  const rows: Bucket[] = []
  for (let i = 0; i < ticks.length; i += size) {
    rows.push({ from: ticks[i] as number, to: ticks[Math.min(i + size, ticks.length) - 1] as number })
  }
  return { fromMs, toMs, stepMs: size * tickMs, atMs: rows.map((row) => times.at(row.to)), rows }
}

function largest(ring: SeriesRing, column: number, bucket: Bucket): number | null {
  let best: number | null = null
  for (let tick = bucket.from; tick <= bucket.to; tick++) {
    const value = ring.at(tick, column)
    if (value !== null && (best === null || value > best)) best = value
  }
  return best
}
