import type { FleetHistory, History, PoolColumn } from '@poolscope/protocol'
import { spanOf, type TimeRange } from '../lib/time-range.ts'
import type { FleetState, SeriesSource } from './fleet-state.ts'
import { Listeners } from './listeners.ts'
import { LIVE_SPARKS, liveSparkQuery, SPARK_POINTS, type SparkWindow } from './spark-table.ts'
import { RING_TICKS } from './tick-clock.ts'

/** Whom the past is asked from, and who is told that it came. */
type Outside = {
  /** Answers null when the agent cannot be asked. */
  ask: (path: string) => Promise<unknown>
  onChange: () => void
}

/** Fills the rings of open series and of sparklines with what the agent keeps of the time before the ticks. */
export class LivePast {
  readonly #state: FleetState
  readonly #to: Outside
  readonly #series = new Map<string, { source: SeriesSource; users: number; listeners: Listeners }>()

  constructor(state: FleetState, to: Outside) {
    this.#state = state
    this.#to = to
  }

  /**
   * Fetches the past of one series and keeps it whole over lost connections, until the returned function
   * is called.
   * @param onHistory called when history was written into the ring
   */
  openSeries(source: SeriesSource, onHistory: () => void): () => void {
    const key = `${source.kind}:${source.id}`
    let open = this.#series.get(key)
    if (open === undefined) {
      open = { source, users: 0, listeners: new Listeners() }
      this.#series.set(key, open)
      this.#keepPools(source)
      if (!this.#state.clock.empty) void this.#backfill(source)
    }
    const { listeners } = open
    const remove = listeners.add(onHistory)
    open.users += 1
    return () => {
      remove()
      const now = this.#series.get(key)
      if (now === undefined) return
      now.users -= 1
      if (now.users > 0) return
      this.#series.delete(key)
      this.#keepPools(source)
    }
  }

  #keepPools({ kind }: SeriesSource): void {
    if (kind !== 'pool') return
    const open = [...this.#series.values()].filter(({ source }) => source.kind === 'pool')
    this.#state.keepPools(open.map(({ source }) => source.id))
  }

  /** Lets sparklines show the time of a range. */
  showSparks(range: TimeRange): void {
    const stepMs = spanOf(range) / SPARK_POINTS
    const endMs = range.kind === 'live' ? null : range.toMs
    const { sparkWindow } = this.#state
    if (sparkWindow.stepMs === stepMs && sparkWindow.endMs === endMs) return
    this.#state.showSparks({ stepMs, endMs })
    if (this.#state.clock.empty) return
    for (const column of this.#state.sparks.keys()) void this.#backfillSparks(column)
  }

  /** Rises when the sparklines of a column have another picture; −1 while nobody asked for them. */
  sparkVersion(column: PoolColumn): number {
    return this.#state.sparks.get(column)?.version ?? -1
  }

  /** Copies the sparkline of a group. @returns false while there is nothing to show */
  readSpark(id: string, column: PoolColumn, into: Float32Array): boolean {
    const table = this.#state.sparks.get(column)
    if (table === undefined) {
      this.#state.keepSparks(column)
      if (!this.#state.clock.empty) void this.#backfillSparks(column)
    }
    return this.#state.sparks.get(column)?.read(id, into) ?? false
  }

  /** Asks again for all that is open, when there is a new present for it to end at. */
  refill(): void {
    for (const { source } of this.#series.values()) void this.#backfill(source)
    for (const column of this.#state.sparks.keys()) void this.#backfillSparks(column)
  }

  async #backfill(source: SeriesSource): Promise<void> {
    const { clock } = this.#state
    // As many rows as the ring has ticks, so that each row is one.
    const toMs = Math.round(clock.timeOf(clock.newest))
    const range = `fromMs=${toMs - (RING_TICKS - 1) * clock.tickMs}&toMs=${toMs}&points=${RING_TICKS}`
    const path = `/api/v1/${source.kind}s/${encodeURIComponent(source.id)}/history?${range}`
    const history = (await this.#to.ask(path)) as History | null
    if (history === null) return
    this.#state.mergeHistory(source, history)
    this.#series.get(`${source.kind}:${source.id}`)?.listeners.call()
    this.#to.onChange()
  }

  async #backfillSparks(column: PoolColumn): Promise<void> {
    const { sparkWindow, clock } = this.#state
    const history = await this.#to.ask(
      `/api/v1/fleet/history?column=${column}&${sparkQuery(sparkWindow, clock.timeOf(clock.newest))}`,
    )
    if (history === null || sparkWindow !== this.#state.sparkWindow) return
    this.#state.mergeFleetHistory(column, history as FleetHistory)
    this.#to.onChange()
  }
}

/** The agent's rows are as long as people read, not as the points are: of so many, each point gets one. */
const ROWS_PER_POINT = 3

function sparkQuery({ stepMs, endMs }: SparkWindow, nowMs: number): string {
  if (stepMs === LIVE_SPARKS.stepMs && endMs === null) return liveSparkQuery(nowMs)
  const toMs = Math.round(endMs ?? nowMs)
  const fromMs = Math.round(toMs - stepMs * SPARK_POINTS)
  return `points=${SPARK_POINTS * ROWS_PER_POINT}&fromMs=${fromMs}&toMs=${toMs}`
}
