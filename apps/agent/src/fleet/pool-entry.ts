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

type Part = { windowMs: number; report: PoolReport; atMs: number }

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
    this.#parts.push({ windowMs: report.windowMs, report: pool, atMs })
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
    const seconds = this.#parts.reduce((sum, part) => sum + part.windowMs, 0) / 1000
    const perSec = (read: (report: PoolReport) => number) =>
      seconds === 0 ? null : this.#parts.reduce((sum, part) => sum + read(part.report), 0) / seconds
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
      checkoutsPerSec: perSec((report) => report.window.checkouts),
      timeoutsPerSec: perSec((report) => report.window.timeouts),
      errorsPerSec: perSec((report) => report.window.errors),
      createdPerSec: perSec((report) => report.window.created),
      destroyedPerSec: perSec((report) => report.window.destroyed),
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

  #dropOldest(): void {
    this.#parts.shift()
    this.#wait.dropOldest()
    this.#hold.dropOldest()
    this.#create.dropOldest()
  }
}
