import type { Holder, PoolNow, PoolReport, Report } from '@poolscope/protocol'
import { DurationWindow } from './duration-window.ts'
import { ExpositionHistogram } from './exposition-histogram.ts'
import { groupIdOf, poolIdOf } from './identity.ts'
import { judgePool } from './status.ts'

/** Rates and percentiles are over the reports of this long. */
export const WINDOW_MS = 10_000
/** After this long without a report the numbers are the last known: three missed reports. */
export const STALE_AFTER_MS = 3500

/** Counted since the pool was first seen by this agent. */
export type PoolTotals = {
  checkouts: number
  timeouts: number
  errors: number
  created: number
  destroyed: number
  wait: ExpositionHistogram
  hold: ExpositionHistogram
  create: ExpositionHistogram
}

/** What happened in a window, one field a counter. */
type Counts = Pick<PoolReport['window'], 'checkouts' | 'timeouts' | 'errors' | 'created' | 'destroyed'> & {
  windowMs: number
}
type Part = { counts: Counts; atMs: number }

/** One pool with a probe: its last report, and the window of reports behind its rates. */
export class PoolEntry {
  readonly id: string
  readonly groupId: string
  readonly service: string
  readonly instance: string
  readonly totals: PoolTotals = {
    checkouts: 0,
    timeouts: 0,
    errors: 0,
    created: 0,
    destroyed: 0,
    wait: new ExpositionHistogram(),
    hold: new ExpositionHistogram(),
    create: new ExpositionHistogram(),
  }
  /** The watched server it leads to; set by attribution. */
  serverId: string | null = null
  startedAtMs: number
  last: PoolReport
  receivedAtMs: number
  #parts: Part[] = []
  /** Sum over the parts, kept as they come and go. */
  #sum: Counts = { windowMs: 0, checkouts: 0, timeouts: 0, errors: 0, created: 0, destroyed: 0 }
  #wait = new DurationWindow()
  #hold = new DurationWindow()
  #create = new DurationWindow()

  constructor(report: Report, pool: PoolReport, atMs: number) {
    this.service = report.service
    this.instance = report.instance
    this.groupId = groupIdOf(report.service, pool.name, pool.system, null)
    this.id = poolIdOf(this.groupId, report.instance)
    this.startedAtMs = report.startedAtMs
    this.last = pool
    this.receivedAtMs = atMs
  }

  /** Takes in a report. A restarted process begins a new window; its counters are its own. */
  take(report: Report, pool: PoolReport, atMs: number): void {
    if (report.startedAtMs !== this.startedAtMs) {
      this.startedAtMs = report.startedAtMs
      while (this.#parts.length > 0) this.#dropOldest()
    }
    this.last = pool
    this.receivedAtMs = atMs
    const { checkouts, timeouts, errors, created, destroyed } = pool.window
    const counts = { windowMs: report.windowMs, checkouts, timeouts, errors, created, destroyed }
    this.#parts.push({ counts, atMs })
    this.#addToSum(counts, 1)
    this.#wait.add(pool.window.wait)
    this.#hold.add(pool.window.hold)
    this.#create.add(pool.window.create)
    while ((this.#parts[0]?.atMs ?? atMs) <= atMs - WINDOW_MS) this.#dropOldest()
    this.#count(pool)
  }

  /** True when three reports are missing. */
  isStale(atMs: number): boolean {
    return atMs - this.receivedAtMs > STALE_AFTER_MS
  }

  /** What the pool is now, or was when it was last heard of. */
  now(atMs: number): PoolNow {
    const { last } = this
    const stale = this.isStale(atMs)
    const perSec = (count: number) => (this.#sum.windowMs === 0 ? null : (count * 1000) / this.#sum.windowMs)
    const numbers = {
      max: last.max,
      min: last.min,
      inUse: last.inUse,
      idle: last.idle,
      connecting: last.connecting,
      waiting: last.waiting,
      inUsePeak: last.window.inUsePeak,
      waitingPeak: last.window.waitingPeak,
      oldestWaitMs: last.oldestWaitMs,
      utilizationRatio: last.max === null || last.max === 0 ? null : last.inUse / last.max,
      waitMs: this.#wait.summary(),
      holdMs: this.#hold.summary(),
      createMs: this.#create.summary(),
      checkoutsPerSec: perSec(this.#sum.checkouts),
      timeoutsPerSec: perSec(this.#sum.timeouts),
      errorsPerSec: perSec(this.#sum.errors),
      createdPerSec: perSec(this.#sum.created),
      destroyedPerSec: perSec(this.#sum.destroyed),
      windowMs: WINDOW_MS,
    }
    return {
      id: this.id,
      groupId: this.groupId,
      service: this.service,
      name: last.name,
      instance: this.instance,
      system: last.system,
      origin: 'probe',
      serverId: this.serverId,
      ...numbers,
      acquireTimeoutMs: last.acquireTimeoutMs,
      idleTimeoutMs: last.idleTimeoutMs,
      startedAtMs: this.startedAtMs,
      ...judgePool({ ...numbers, origin: 'probe', stale }),
      atMs: this.receivedAtMs,
      stale,
    }
  }

  /** Connections in use as last reported, longest held first. */
  holders(stateOf: (pid: number) => string | null): Holder[] {
    return this.last.holders.map((holder) => ({
      poolId: this.id,
      instance: this.instance,
      sinceMs: this.receivedAtMs - holder.heldMs,
      heldMs: holder.heldMs,
      sessionPid: holder.sessionPid,
      sessionState: holder.sessionPid === null ? null : stateOf(holder.sessionPid),
      stack: holder.stack,
    }))
  }

  /** The windows, for merging with those of other instances. */
  get windows(): { wait: DurationWindow; hold: DurationWindow; create: DurationWindow } {
    return { wait: this.#wait, hold: this.#hold, create: this.#create }
  }

  #count({ window }: PoolReport): void {
    const { totals } = this
    totals.checkouts += window.checkouts
    totals.timeouts += window.timeouts
    totals.errors += window.errors
    totals.created += window.created
    totals.destroyed += window.destroyed
    totals.wait.add(window.wait)
    totals.hold.add(window.hold)
    totals.create.add(window.create)
  }

  #addToSum(counts: Counts, sign: 1 | -1): void {
    for (const name of Object.keys(this.#sum) as (keyof Counts)[]) this.#sum[name] += sign * counts[name]
  }

  #dropOldest(): void {
    const part = this.#parts.shift()
    if (part !== undefined) this.#addToSum(part.counts, -1)
    this.#wait.dropOldest()
    this.#hold.dropOldest()
    this.#create.dropOldest()
  }
}
