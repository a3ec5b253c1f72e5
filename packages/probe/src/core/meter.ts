import { performance } from 'node:perf_hooks'
import type { PoolReport, System } from '@poolscope/protocol'
import type { Knob } from './knob.ts'
import type { PoolAdapter } from './pool-adapter.ts'
import { Slot } from './slot.ts'
import { Slots } from './slots.ts'
import { StackSampler } from './stack.ts'
import { TraceLog } from './trace-log.ts'
import { UNTIMED, Waits } from './waits.ts'
import { Window } from './window.ts'

/** A pool at this moment, as a health check sees it. */
export type PoolGauges = {
  /** `null` where the pool has no limit. */
  max: number | null
  full: boolean
  inUse: number
  waiting: number
  /** For how long it has been full and nothing came back; 0 where it is not full, `null` without a limit. */
  stillMs: number | null
}

/**
 * Counts of one pool. The adapter calls it as things happen; the reporter reads it once a second.
 * All times are ms of `performance.now()`.
 */
export class PoolMeter {
  /** Name under which it is reported; unique within a reporter. */
  name: string
  /** The pool was shut down, or is watched no more: one last report, and it is forgotten. */
  ended = false
  waiting = 0
  readonly sampler: StackSampler
  /** Answers who asks, as a number; 0 where not known. `null` where callers are not told apart. */
  callerOf: (() => number) | null = null
  /** What the pool's size can be changed by; `null` where nobody may. */
  knob: Knob | null = null
  protected readonly waits = new Waits()
  /** What happened since the last report. */
  protected readonly window = new Window()
  /** When a connection last came back. */
  protected backMs = Number.NEGATIVE_INFINITY
  readonly #trace: TraceLog | null
  readonly #adapter: PoolAdapter
  readonly #slots: Slots

  /** @param trace takes down every checkout; `null` where none are */
  constructor(
    name: string,
    adapter: PoolAdapter,
    stackEvery: number,
    trace: TraceLog | null = new TraceLog(performance.now()),
  ) {
    this.name = name
    this.#adapter = adapter
    this.#slots = new Slots(adapter)
    this.#trace = trace
    this.sampler = new StackSampler(stackEvery)
  }

  /** Connections that a caller has. */
  get inUse(): number {
    return this.#slots.inUse
  }

  /** Connections that are being opened. */
  get connecting(): number {
    return this.#slots.connecting
  }

  get system(): System {
    return this.#adapter.system
  }

  /** A caller asks for a connection. Answers the ticket to hand to {@link served} or {@link failed}. */
  asked(stack: object | null, nowMs = performance.now()): number {
    this.waiting++
    return this.waits.begin(nowMs, stack, this.callerOf === null ? 0 : this.callerOf())
  }

  /**
   * To be called once the pool has taken the call in.
   * @param servedAtOnce callers for whom an idle connection is at hand, and who wait in name only
   */
  queued(servedAtOnce: number): void {
    const waiting = this.waiting - servedAtOnce
    if (waiting > this.window.waitingPeak) this.window.waitingPeak = waiting
  }

  /** Whether one more waiting caller would be a new peak: tells the adapter when {@link queued} is worth calling. */
  get mayPeak(): boolean {
    return this.waiting > this.window.waitingPeak
  }

  /** A caller has its connection: the wait ends, the hold begins. */
  served(ticket: number, slot: Slot): void {
    const nowMs = performance.now()
    this.waiting--
    if (ticket !== UNTIMED) {
      const waitedMs = nowMs - this.waits.startMs(ticket)
      this.window.wait.record(waitedMs)
      slot.waitedMs = waitedMs
      slot.caller = this.waits.caller(ticket)
      slot.stack = this.waits.stack(ticket)
      this.waits.end(ticket)
    } else slot.waitedMs = Number.NaN
    this.hold(slot, nowMs)
  }

  /** A caller has at once a connection that is idle: as {@link served} after {@link asked}. */
  servedAtOnce(slot: Slot, stack: object | null, nowMs: number): void {
    this.window.wait.record(0)
    slot.waitedMs = 0
    slot.caller = this.callerOf === null ? 0 : this.callerOf()
    slot.stack = stack
    this.hold(slot, nowMs)
  }

  /** A connection is handed out. */
  protected hold(slot: Slot, nowMs: number): void {
    const { window } = this
    const slots = this.#slots
    window.checkouts++
    slots.turn(slot, 'inUse')
    slot.sinceMs = nowMs
    if (slots.inUse > window.inUsePeak) window.inUsePeak = slots.inUse
  }

  /** A caller that had a connection gave up all the same, or lost it. */
  lost(timedOut: boolean): void {
    if (timedOut) this.window.timeouts++
    else this.window.errors++
  }

  /** What was handed out is gone without a connection being closed. */
  vanished(slot: Slot): void {
    if (slot.state === 'gone') return
    this.returned(slot)
    this.#slots.turn(slot, 'gone')
  }

  /** A caller gave up, or got an error instead of a connection. */
  failed(ticket: number, timedOut: boolean): void {
    this.waiting--
    if (timedOut) {
      this.window.timeouts++
      this.#traceTimeout(ticket)
    } else this.window.errors++
    if (ticket !== UNTIMED) this.waits.end(ticket)
  }

  /** A caller needs no connection any more, which is no failure. */
  withdrew(ticket: number): void {
    this.waiting--
    if (ticket !== UNTIMED) this.waits.end(ticket)
  }

  /** A connection was given back, to stay or to be closed. Without a caller that held it nothing is counted. */
  returned(slot: Slot): void {
    if (slot.state === 'gone') return
    if (slot.state === 'inUse') {
      const nowMs = performance.now()
      this.backMs = nowMs
      if (!slot.late) this.#held(slot, nowMs - slot.sinceMs)
      slot.late = false
      slot.stack = null
    }
    this.#slots.turn(slot, 'returned')
  }

  /** The pool begins to open a connection. */
  opening(connection: object): Slot {
    const slot = new Slot(connection, performance.now())
    this.#slots.add(slot)
    return slot
  }

  /** It is open. It counts as connecting until it is handed out or becomes idle. */
  opened(slot: Slot): void {
    this.window.created++
    this.window.create.record(performance.now() - slot.sinceMs)
  }

  /** It could not be opened. */
  openFailed(slot: Slot): void {
    if (slot.state === 'connecting') this.#slots.turn(slot, 'gone')
  }

  /** An open connection is gone. */
  closed(slot: Slot): void {
    if (slot.state === 'gone') return
    this.window.destroyed++
    this.#slots.turn(slot, 'gone')
  }

  /** The pool was shut down: every connection that it had is gone, or about to be. */
  closedAll(): void {
    for (const slot of this.#slots.all()) this.closed(slot)
  }

  /** The holder of a connection was collected as garbage. @param sinceMs when its hold began */
  gone(slot: Slot, sinceMs: number): void {
    if (slot.state === 'inUse' && slot.sinceMs === sinceMs) slot.goneMs = sinceMs
  }

  /** Looks at what held connections do. To be called every `LOOK_MS`: what is seen is counted, and times quietness. */
  look(): void {
    const { looks } = this.window
    for (const { running } of this.#slots.look(performance.now())) {
      if (running === true) looks.busy++
      else if (running === false) looks.idle++
    }
  }

  /** What a health check needs to know; `null` when the pool object is gone. Takes no connection. */
  gauges(nowMs: number): PoolGauges | null {
    const view = this.#adapter.view()
    if (view === null) return null
    const { max } = view
    const full = max !== null && max > 0 && this.inUse >= max
    const latestMs = full ? this.#slots.latestHoldMs() : null
    const stillMs = latestMs === null ? 0 : Math.max(0, nowMs - Math.max(latestMs, this.backMs))
    return { max, full, inUse: this.inUse, waiting: this.waiting, stillMs: max === null ? null : stillMs }
  }

  /** A connection that was open before the pool was watched. Its hold goes unrecorded: the start was not seen. */
  adopt(connection: object, inUse: boolean): Slot {
    const slot = new Slot(connection, performance.now())
    slot.state = inUse ? 'inUse' : 'returned'
    slot.late = inUse
    this.#slots.add(slot)
    return slot
  }

  #held(slot: Slot, holdMs: number): void {
    this.window.hold.record(holdMs)
    const { waitedMs, sinceMs, caller } = slot
    if (Number.isNaN(waitedMs)) this.#trace?.tear()
    else this.#trace?.add(sinceMs - waitedMs, waitedMs, holdMs, caller)
  }

  #traceTimeout(ticket: number): void {
    if (ticket === UNTIMED) {
      this.#trace?.tear()
      return
    }
    const startMs = this.waits.startMs(ticket)
    this.#trace?.add(startMs, performance.now() - startMs, Number.NaN, this.waits.caller(ticket))
  }

  /**
   * What is true now, and what happened since the report before.
   * @returns the report and how many holders were left out; `null` when the pool object is gone
   */
  collect(): { report: PoolReport; cut: number } | null {
    const view = this.#adapter.view()
    if (view === null) return null
    const nowMs = performance.now()
    this.sampler.refill(nowMs)
    this.#slots.look(nowMs)
    const oldest = this.waits.oldestStartMs()
    const { holders, cut } = this.#slots.holders(nowMs)
    const report: PoolReport = {
      name: this.name,
      system: this.#adapter.system,
      target: view.target,
      max: view.max,
      min: view.min,
      acquireTimeoutMs: view.acquireTimeoutMs,
      idleTimeoutMs: view.idleTimeoutMs,
      ...(view.maxLifetimeMs !== undefined && { maxLifetimeMs: view.maxLifetimeMs }),
      ...(view.ignoredOptions !== undefined && { ignoredOptions: view.ignoredOptions }),
      inUse: this.inUse,
      idle: view.idle,
      connecting: this.connecting,
      waiting: this.waiting,
      oldestWaitMs: oldest === null ? null : nowMs - oldest,
      ended: this.ended,
      window: this.window.toReport(),
      trace: this.#trace?.collect(nowMs) ?? null,
      ...(this.knob !== null && { turnable: this.knob.report() }),
      sessionPids: this.#slots.sessionPids(),
      holders,
    }
    this.window.reset(this.inUse, this.waiting)
    return { report, cut }
  }
}
