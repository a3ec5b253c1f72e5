import { performance } from 'node:perf_hooks'
import type { HolderReport, PoolReport, PoolTarget, System } from '@poolscope/protocol'
import type { Activity } from './activity.ts'
import type { Knob } from './knob.ts'
import { Quiet, stalledMs } from './quiet.ts'
import { formatStack, StackSampler } from './stack.ts'
import { TraceLog } from './trace-log.ts'
import { UNTIMED, Waits } from './waits.ts'
import { Window } from './window.ts'

/** What a connection is doing. A connection that was given back and is being closed is `returned` until it is gone. */
type SlotState = 'connecting' | 'returned' | 'inUse' | 'gone'

/** One connection of a pool, from the moment it begins to open. Lives on the driver's own connection object. */
export class Slot {
  state: SlotState = 'connecting'
  /** When opening began, then when it was last handed out, on the meter's clock. */
  sinceMs: number
  /** What its holder waited, and who that is; the wait is NaN where not known. */
  waitedMs = Number.NaN
  caller = 0
  /** It was in use when the pool came under watch: `sinceMs` is later than the true start of the hold. */
  late = false
  /** What looks at it found, since it was first looked at while in use. */
  quiet: Quiet | null = null
  /** Begin of the hold whose holder was collected as garbage; `null` where none was. */
  goneMs: number | null = null
  /** Captured stack of the code that holds it, formatted when first reported. */
  stack: object | readonly string[] | null = null
  /** Of those who use it at this moment the longest and the latest; `null` where nobody does, or only one can. */
  oldest: Stay | null = null
  newest: Stay | null = null
  readonly connection: object

  constructor(connection: object, nowMs: number) {
    this.connection = connection
    this.sinceMs = nowMs
  }
}

/** One caller's use of a connection that several use at a time. */
export type Stay = {
  readonly sinceMs: number
  readonly stack: object | null
  /** It still goes on. */
  on: boolean
  /** Its neighbours among the stays of a connection. A list, as the first of a set that is used as a queue is slow to find. */
  before: Stay | null
  after: Stay | null
}

/** What only the driver's own pool object knows, read once a report. */
export type PoolView = {
  max: number | null
  min: number | null
  acquireTimeoutMs: number | null
  idleTimeoutMs: number | null
  /** Open connections that nobody holds. */
  idle: number
  target: PoolTarget
}

/** How a driver's adapter answers the meter. */
export type PoolAdapter = {
  readonly system: System
  /** `null` when the pool object is gone. */
  view(): PoolView | null
  /** The server's id of the session behind a connection; `null` when not known. */
  sessionPid(connection: object): number | null
  /** What a connection does now; without it nothing is known of that. */
  activity?(connection: object): Activity | null
}

/** Bounds of one pool's report, see the protocol's `REPORT_LIMITS`; a test holds the two together. */
export const POOL_LIMITS = { holders: 100, sessionPids: 1000 } as const

/**
 * Counts of one pool. The adapter calls it as things happen; the reporter reads it once a second.
 * All times are ms of `performance.now()`.
 */
export class PoolMeter {
  /** Name under which it is reported; unique within a reporter. */
  name: string
  /** The pool was shut down, or is watched no more: one last report, and it is forgotten. */
  ended = false
  inUse = 0
  connecting = 0
  waiting = 0
  readonly sampler: StackSampler
  /** Answers who asks, as a number; 0 where not known. `null` where callers are not told apart. */
  callerOf: (() => number) | null = null
  /** What the pool's size can be changed by; `null` where nobody may. */
  knob: Knob | null = null
  readonly #trace = new TraceLog(performance.now())
  /** Connections that several use at a time have no queue that a size could be replayed for. */
  #traceable = true
  readonly #adapter: PoolAdapter
  readonly #waits = new Waits()
  readonly #slots = new Set<Slot>()
  readonly #now = new Window()
  readonly #undelivered = new Window()
  #lookedMs: number | null = null

  constructor(name: string, adapter: PoolAdapter, stackEvery: number) {
    this.name = name
    this.#adapter = adapter
    this.sampler = new StackSampler(stackEvery)
  }

  get system(): System {
    return this.#adapter.system
  }

  /** A caller asks for a connection. Answers the ticket to hand to {@link served} or {@link failed}. */
  asked(stack: object | null): number {
    this.waiting++
    return this.#waits.begin(performance.now(), stack, this.callerOf === null ? 0 : this.callerOf())
  }

  /**
   * To be called once the pool has taken the call in.
   * @param servedAtOnce callers for whom an idle connection is at hand, and who wait in name only
   */
  queued(servedAtOnce: number): void {
    const waiting = this.waiting - servedAtOnce
    if (waiting > this.#now.waitingPeak) this.#now.waitingPeak = waiting
  }

  /** Whether one more waiting caller would be a new peak: tells the adapter when {@link queued} is worth calling. */
  get mayPeak(): boolean {
    return this.waiting > this.#now.waitingPeak
  }

  /** A caller has its connection: the wait ends, the hold begins. */
  served(ticket: number, slot: Slot): void {
    const nowMs = performance.now()
    const window = this.#now
    this.waiting--
    window.checkouts++
    if (ticket !== UNTIMED) {
      const waitedMs = nowMs - this.#waits.startMs(ticket)
      window.wait.record(waitedMs)
      slot.waitedMs = waitedMs
      slot.caller = this.#waits.caller(ticket)
      slot.stack = this.#waits.stack(ticket)
      this.#waits.end(ticket)
    } else slot.waitedMs = Number.NaN
    if (slot.state === 'connecting') this.connecting--
    if (slot.state !== 'inUse') this.inUse++
    slot.state = 'inUse'
    slot.sinceMs = nowMs
    if (this.inUse > window.inUsePeak) window.inUsePeak = this.inUse
  }

  /**
   * A caller has a connection that others may use at the same time: its wait ends, its hold begins. The connection is
   * in use from the first to the last of them, and held since the longest of them came.
   */
  joined(ticket: number, slot: Slot): Stay {
    this.#traceable = false
    const held = slot.state === 'inUse'
    const { sinceMs, stack } = slot
    this.served(ticket, slot)
    const stay: Stay = {
      sinceMs: slot.sinceMs,
      stack: ticket === UNTIMED ? null : (slot.stack as object | null),
      on: true,
      before: slot.newest,
      after: null,
    }
    if (slot.newest === null) slot.oldest = stay
    else slot.newest.after = stay
    slot.newest = stay
    if (held) {
      slot.sinceMs = sinceMs
      slot.stack = stack
    }
    return stay
  }

  /** A caller that {@link joined} is done. */
  left(slot: Slot, stay: Stay): void {
    if (!stay.on) return
    stay.on = false
    this.#now.hold.record(performance.now() - stay.sinceMs)
    const { before, after } = stay
    if (before !== null) before.after = after
    else slot.oldest = after
    if (after !== null) after.before = before
    else slot.newest = before
    // Nothing is kept by what is over.
    stay.before = null
    stay.after = null
    if (before !== null) return
    if (after !== null) {
      slot.sinceMs = after.sinceMs
      slot.stack = after.stack
    } else if (slot.state === 'inUse') {
      slot.late = true
      this.returned(slot)
    }
  }

  /** A caller that had a connection gave up all the same, or lost it. */
  lost(timedOut: boolean): void {
    if (timedOut) this.#now.timeouts++
    else this.#now.errors++
  }

  /** What was handed out is gone without a connection being closed. */
  vanished(slot: Slot): void {
    if (slot.state === 'gone') return
    this.returned(slot)
    this.#forget(slot)
  }

  /** A caller gave up, or got an error instead of a connection. */
  failed(ticket: number, timedOut: boolean): void {
    this.waiting--
    if (timedOut) {
      this.#now.timeouts++
      this.#traceTimeout(ticket)
    } else this.#now.errors++
    if (ticket !== UNTIMED) this.#waits.end(ticket)
  }

  /** A caller needs no connection any more, which is no failure. */
  withdrew(ticket: number): void {
    this.waiting--
    if (ticket !== UNTIMED) this.#waits.end(ticket)
  }

  /** A connection was given back, to stay or to be closed. Without a caller that held it nothing is counted. */
  returned(slot: Slot): void {
    if (slot.state === 'inUse') {
      this.inUse--
      if (!slot.late) this.#held(slot, performance.now() - slot.sinceMs)
      slot.late = false
      slot.stack = null
    } else if (slot.state === 'connecting') {
      this.connecting--
    }
    if (slot.state !== 'gone') slot.state = 'returned'
  }

  /** The pool begins to open a connection. */
  opening(connection: object): Slot {
    const slot = new Slot(connection, performance.now())
    this.#slots.add(slot)
    this.connecting++
    return slot
  }

  /** It is open. It counts as connecting until it is handed out or becomes idle. */
  opened(slot: Slot): void {
    this.#now.created++
    this.#now.create.record(performance.now() - slot.sinceMs)
  }

  /** It could not be opened. */
  openFailed(slot: Slot): void {
    if (slot.state !== 'connecting') return
    this.connecting--
    this.#forget(slot)
  }

  /** An open connection is gone. */
  closed(slot: Slot): void {
    if (slot.state === 'gone') return
    if (slot.state === 'connecting') this.connecting--
    if (slot.state === 'inUse') this.inUse--
    this.#now.destroyed++
    this.#forget(slot)
  }

  /** The pool was shut down: every connection that it had is gone, or about to be. */
  closedAll(): void {
    for (const slot of [...this.#slots]) this.closed(slot)
  }

  /** The holder of a connection was collected as garbage. @param sinceMs when its hold began */
  gone(slot: Slot, sinceMs: number): void {
    if (slot.state === 'inUse' && slot.sinceMs === sinceMs) slot.goneMs = sinceMs
  }

  /** Looks at what held connections do. To be called every `LOOK_MS`: what is seen is counted, and times quietness. */
  look(): void {
    const nowMs = performance.now()
    const { looks } = this.#now
    for (const activity of this.#lookAt(nowMs)) {
      if (activity.running === true) looks.busy++
      else if (activity.running === false) looks.idle++
    }
  }

  #lookAt(nowMs: number): Activity[] {
    const stalled = this.#lookedMs === null ? 0 : stalledMs(nowMs - this.#lookedMs)
    this.#lookedMs = nowMs
    const found: Activity[] = []
    if (this.inUse === 0 || this.#adapter.activity === undefined) return found
    for (const slot of this.#slots) {
      if (slot.state !== 'inUse') continue
      const activity = this.#adapter.activity(slot.connection)
      slot.quiet ??= new Quiet()
      slot.quiet.look(slot.sinceMs, activity, nowMs, stalled)
      if (activity !== null) found.push(activity)
    }
    return found
  }

  /** A connection that was open before the pool was watched. Its hold goes unrecorded: the start was not seen. */
  adopt(connection: object, inUse: boolean): Slot {
    const slot = new Slot(connection, performance.now())
    slot.state = inUse ? 'inUse' : 'returned'
    slot.late = inUse
    if (inUse) this.inUse++
    this.#slots.add(slot)
    return slot
  }

  #held(slot: Slot, holdMs: number): void {
    this.#now.hold.record(holdMs)
    const { waitedMs, sinceMs, caller } = slot
    if (Number.isNaN(waitedMs)) this.#trace.tear()
    else this.#trace.add(sinceMs - waitedMs, waitedMs, holdMs, caller)
  }

  #traceTimeout(ticket: number): void {
    if (ticket === UNTIMED) {
      this.#trace.tear()
      return
    }
    const startMs = this.#waits.startMs(ticket)
    this.#trace.add(startMs, performance.now() - startMs, Number.NaN, this.#waits.caller(ticket))
  }

  #forget(slot: Slot): void {
    slot.state = 'gone'
    slot.stack = null
    this.#slots.delete(slot)
  }

  /**
   * What is true now, and what happened since the last report that was delivered.
   * @returns the report and how many holders were left out; `null` when the pool object is gone
   */
  collect(): { report: PoolReport; cut: number } | null {
    const view = this.#adapter.view()
    if (view === null) return null
    const nowMs = performance.now()
    this.#undelivered.add(this.#now)
    this.#now.reset(this.inUse, this.waiting)
    this.sampler.refill(nowMs)
    this.#lookAt(nowMs)
    const oldest = this.#waits.oldestStartMs()
    const held = this.#heldSlots()
    const holders = held.slice(0, POOL_LIMITS.holders)
    const report: PoolReport = {
      name: this.name,
      system: this.#adapter.system,
      target: view.target,
      max: view.max,
      min: view.min,
      acquireTimeoutMs: view.acquireTimeoutMs,
      idleTimeoutMs: view.idleTimeoutMs,
      inUse: this.inUse,
      idle: view.idle,
      connecting: this.connecting,
      waiting: this.waiting,
      oldestWaitMs: oldest === null ? null : nowMs - oldest,
      ended: this.ended,
      window: this.#undelivered.toReport(),
      trace: this.#traceable ? this.#trace.collect(nowMs) : null,
      ...(this.knob !== null && { turnable: this.knob.report() }),
      sessionPids: this.#sessionPids(),
      holders: holders.map((slot) => this.#holder(slot, nowMs)),
    }
    return { report, cut: held.length - holders.length }
  }

  /** The last collected report arrived, or is given up: what it counted is not counted again. */
  settle(): void {
    this.#undelivered.reset(0, 0)
    this.#trace.settle()
  }

  #heldSlots(): Slot[] {
    const held: Slot[] = []
    for (const slot of this.#slots) if (slot.state === 'inUse') held.push(slot)
    return held.sort((a, b) => a.sinceMs - b.sinceMs)
  }

  #holder(slot: Slot, nowMs: number): HolderReport {
    if (slot.stack !== null && !Array.isArray(slot.stack)) slot.stack = formatStack(slot.stack)
    const seen = slot.quiet?.seen ?? null
    return {
      heldMs: Math.max(0, nowMs - slot.sinceMs),
      sessionPid: this.#adapter.sessionPid(slot.connection),
      stack: slot.stack === null || (slot.stack as string[]).length === 0 ? null : (slot.stack as string[]),
      ...(seen !== null && {
        quietMs: slot.quiet?.ms(nowMs) ?? null,
        running: seen.running,
        transaction: seen.transaction,
        listening: seen.listening,
      }),
      ...(slot.goneMs === slot.sinceMs && { gone: true }),
    }
  }

  #sessionPids(): number[] {
    const pids: number[] = []
    for (const slot of this.#slots) {
      const pid = this.#adapter.sessionPid(slot.connection)
      if (pid !== null && pids.length < POOL_LIMITS.sessionPids) pids.push(pid)
    }
    return pids
  }
}
