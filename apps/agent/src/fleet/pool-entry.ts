import type { Blocker, Holder, HolderReport, PoolNow, PoolReport, Report } from '@poolscope/protocol'
import { PoolDurations } from './durations.ts'
import { holdState } from './holders/activity.ts'
import { HoldWatch, isFollowed, type SeenHold } from './holders/hold-watch.ts'
import { holderOf, sessionOf, siteOf } from './holders/holder.ts'
import { groupIdOf, poolIdOf } from './identity.ts'
import { LastReport } from './last-report.ts'
import { PoolTrace, type Recorded } from './pool-trace.ts'
import type { ServerEntry } from './server-entry.ts'
import { judgePool } from './status.ts'

/** Rates and percentiles are over the last one to two times this long. */
const HALF_WINDOW_MS = 5000
/** After this long without a report the numbers are the last known: three missed reports. */
const STALE_AFTER_MS = 3500
const NO_HOLDS: readonly null[] = []

/** What happened in a pool, one field a counter. */
type Counts = Pick<PoolReport['window'], 'checkouts' | 'timeouts' | 'errors' | 'created' | 'destroyed'> & {
  windowMs: number
  busyLooks: number
  idleLooks: number
}

/** One pool with a probe: its last report, and the window of reports behind its rates. */
export class PoolEntry {
  readonly id: string
  readonly groupId: string
  readonly service: string
  readonly instance: string
  /** Counted since the pool was first seen by this agent. */
  readonly totals = noCounts()
  readonly durations = new PoolDurations()
  readonly holds: HoldWatch
  readonly trace = new PoolTrace()
  /** The watched server it leads to; set by attribution. */
  serverId: string | null = null
  startedAtMs: number
  readonly last: LastReport
  receivedAtMs: number
  /** What was counted before the window began, and before its younger half did. */
  #before = noCounts()
  #beforeYounger = noCounts()
  #youngerSinceMs: number

  /** @param quietLimitMs a limit for leaks from the configuration; `null` learns one */
  constructor(report: Report, pool: PoolReport, atMs: number, quietLimitMs: number | null) {
    this.service = report.service
    this.instance = report.instance
    this.groupId = groupIdOf(report.service, pool.name, pool.system, null)
    this.id = poolIdOf(this.groupId, report.instance)
    this.startedAtMs = report.startedAtMs
    this.last = new LastReport(pool)
    this.receivedAtMs = atMs
    this.#youngerSinceMs = atMs
    this.holds = new HoldWatch(quietLimitMs, atMs)
  }

  /** Whether a report's pool is this one, if its process is. */
  isOf(pool: PoolReport): boolean {
    return pool.name === this.last.name && pool.system === this.last.system
  }

  /** Takes in a report. A restarted process begins a new window; its counters are its own. @param pools how many are kept */
  take(report: Report, pool: PoolReport, atMs: number, pools: number): void {
    if (report.startedAtMs !== this.startedAtMs) {
      this.startedAtMs = report.startedAtMs
      this.holds.restart()
      this.trace.clear()
      this.#rotate(atMs)
      this.#rotate(atMs)
    } else if (atMs - this.#youngerSinceMs >= HALF_WINDOW_MS) {
      this.#rotate(atMs)
      if (atMs - this.receivedAtMs >= HALF_WINDOW_MS) this.#rotate(atMs)
    }
    this.last.take(pool)
    this.receivedAtMs = atMs
    addCounts(this.totals, report.windowMs, pool.window)
    this.durations.add(pool.window)
    this.trace.take(pool.trace, pools)
  }

  /** True when three reports are missing. */
  isStale(atMs: number): boolean {
    return atMs - this.receivedAtMs > STALE_AFTER_MS
  }

  /** What the pool is now, or was when it was last heard of. */
  now(atMs: number): PoolNow {
    const { last } = this
    const windowMs = this.#counted('windowMs')
    const perSec = (name: keyof Counts) => (windowMs === 0 ? null : (this.#counted(name) * 1000) / windowMs)
    const now: PoolNow = {
      id: this.id,
      groupId: this.groupId,
      service: this.service,
      name: last.name,
      instance: this.instance,
      system: last.system,
      origin: 'probe',
      serverId: this.serverId,
      upstreamServerId: null,
      mode: null,
      max: last.max,
      min: last.min,
      inUse: last.inUse,
      idle: last.idle,
      connecting: last.connecting,
      waiting: last.waiting,
      inUsePeak: last.inUsePeak,
      waitingPeak: last.waitingPeak,
      oldestWaitMs: last.oldestWaitMs,
      utilizationRatio: last.max === null || last.max === 0 ? null : last.inUse / last.max,
      waitMs: this.durations.summary('wait'),
      holdMs: this.durations.summary('hold'),
      createMs: this.durations.summary('create'),
      checkoutsPerSec: perSec('checkouts'),
      timeoutsPerSec: perSec('timeouts'),
      errorsPerSec: perSec('errors'),
      createdPerSec: perSec('created'),
      destroyedPerSec: perSec('destroyed'),
      holdBusyRatio: busyRatio([this.looks]),
      windowMs,
      acquireTimeoutMs: last.acquireTimeoutMs,
      idleTimeoutMs: last.idleTimeoutMs,
      maxLifetimeMs: last.maxLifetimeMs,
      ignoredOptions: last.ignoredOptions,
      startedAtMs: this.startedAtMs,
      status: 'unknown',
      reason: null,
      atMs: this.receivedAtMs,
      stale: this.isStale(atMs),
    }
    return Object.assign(now, judgePool(now))
  }

  /** Looks at held connections over the window, by what was found. */
  get looks(): { busy: number; idle: number } {
    return { busy: this.#counted('busyLooks'), idle: this.#counted('idleLooks') }
  }

  /**
   * Follows and judges the holds of the report that was just taken.
   * @param server the watched server it leads to
   */
  watchHolds({ windowMs }: Report, { window }: PoolReport, server: ServerEntry | null, atMs: number): void {
    const { holders, inUse } = this.last
    this.holds.take(
      {
        holds: holders.some(isFollowed)
          ? holders.map((hold) => (isFollowed(hold) ? this.#seen(hold, server, atMs) : null))
          : NO_HOLDS,
        windowMs,
        finished: window.checkouts,
        complete: holders.length >= inUse,
      },
      atMs,
    )
  }

  /**
   * Connections in use as last reported, longest held first.
   * @param blockerOf who keeps a session waiting, by the process id of the blocker
   */
  holders(server: ServerEntry | null, atMs: number, blockerOf: (pid: number) => Blocker): Holder[] {
    const capturing = this.holds.wantsStacks(atMs)
    return this.last.holders.map((hold, place) => {
      const watched =
        this.holds.at(place) ??
        this.holds.unfollowed(this.#seen(hold, server, this.receivedAtMs), this.receivedAtMs)
      const session = sessionOf(hold, watched.sinceMs, this, server, atMs)
      const [blocker] = session?.inspection?.blockedBy ?? []
      return holderOf(hold, watched, this, session, {
        capturing,
        blockedBy: blocker === undefined ? null : blockerOf(blocker),
        blocks:
          session === null || hold.sessionPid === null ? null : (server?.blocks(hold.sessionPid) ?? null),
      })
    })
  }

  /** A hold of the last report, joined with its session. @param atMs when it was reported */
  #seen(hold: HolderReport, server: ServerEntry | null, atMs: number): SeenHold {
    return {
      ...holdState(hold, sessionOf(hold, atMs - hold.heldMs, this, server, atMs)),
      heldMs: hold.heldMs,
      sessionPid: hold.sessionPid,
      site: siteOf(hold.stack),
    }
  }

  /** The checkouts of the last hour as far as they are recorded without a gap. */
  recorded(): Recorded {
    return {
      poolId: this.id,
      atMs: this.receivedAtMs,
      windowMs: this.trace.windowMs,
      windows: this.trace.windows(),
      heldMs: this.last.holders.map((holder) => holder.heldMs),
    }
  }

  /** Over the window. */
  #counted(name: keyof Counts): number {
    return this.totals[name] - this.#before[name]
  }

  #rotate(atMs: number): void {
    this.#before = this.#beforeYounger
    this.#beforeYounger = { ...this.totals }
    this.#youngerSinceMs = atMs
    this.durations.rotate()
  }
}

function noCounts(): Counts {
  return {
    windowMs: 0,
    checkouts: 0,
    timeouts: 0,
    errors: 0,
    created: 0,
    destroyed: 0,
    busyLooks: 0,
    idleLooks: 0,
  }
}

function addCounts(sum: Counts, windowMs: number, window: PoolReport['window']): void {
  sum.windowMs += windowMs
  sum.checkouts += window.checkouts
  sum.timeouts += window.timeouts
  sum.errors += window.errors
  sum.created += window.created
  sum.destroyed += window.destroyed
  if (window.looks === undefined) return
  sum.busyLooks += window.looks.busy
  sum.idleLooks += window.looks.idle
}

/** The part of the time held in which a statement ran; `null` when no held connection was looked at. */
export function busyRatio(looks: readonly { busy: number; idle: number }[]): number | null {
  const busy = looks.reduce((sum, look) => sum + look.busy, 0)
  const all = looks.reduce((sum, look) => sum + look.busy + look.idle, 0)
  return all === 0 ? null : busy / all
}
