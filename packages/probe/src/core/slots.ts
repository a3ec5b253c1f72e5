import type { HolderReport } from '@poolscope/protocol'
import type { Activity } from './activity.ts'
import type { PoolAdapter } from './pool-adapter.ts'
import { Quiet, stalledMs } from './quiet.ts'
import type { Slot, SlotState } from './slot.ts'
import { formatStack } from './stack.ts'

/** Bounds of one pool's report, see the protocol's `REPORT_LIMITS`; a test holds the two together. */
export const POOL_LIMITS = { holders: 100, sessionPids: 1000 } as const

/** The connections of one pool: which state each is in, who holds them, and what they are seen to do. */
export class Slots {
  inUse = 0
  connecting = 0
  readonly #adapter: PoolAdapter
  readonly #slots = new Set<Slot>()
  #lookedMs: number | null = null

  constructor(adapter: PoolAdapter) {
    this.#adapter = adapter
  }

  add(slot: Slot): void {
    this.#slots.add(slot)
    if (slot.state === 'connecting') this.connecting++
    else if (slot.state === 'inUse') this.inUse++
  }

  /** A connection goes from its state to another; one that is gone is forgotten. */
  turn(slot: Slot, state: SlotState): void {
    if (slot.state === 'connecting') this.connecting--
    else if (slot.state === 'inUse') this.inUse--
    slot.state = state
    if (state === 'inUse') this.inUse++
    else if (state === 'gone') {
      slot.stack = null
      this.#slots.delete(slot)
    }
  }

  /** All of them, in a list of its own. */
  all(): Slot[] {
    return [...this.#slots]
  }

  /** Looks at what held connections do, which times their quietness. @returns what was found */
  look(nowMs: number): Activity[] {
    const stalled = this.#lookedMs === null ? 0 : stalledMs(nowMs - this.#lookedMs)
    this.#lookedMs = nowMs
    const found: Activity[] = []
    if (this.#adapter.activity === undefined) return found
    for (const slot of this.#slots) {
      if (slot.state !== 'inUse') continue
      const activity = this.#adapter.activity(slot.connection)
      slot.quiet ??= new Quiet()
      slot.quiet.look(slot.sinceMs, activity, nowMs, stalled)
      if (activity !== null) found.push(activity)
    }
    return found
  }

  /** When the latest hold began; `null` where nobody holds one, or all holders listen, who are meant to stay. */
  latestHoldMs(): number | null {
    let latest: number | null = null
    let listeners = 0
    let held = 0
    for (const slot of this.#slots) {
      if (slot.state !== 'inUse') continue
      held++
      if (slot.quiet?.seen?.listening === true) listeners++
      if (latest === null || slot.sinceMs > latest) latest = slot.sinceMs
    }
    return listeners === held ? null : latest
  }

  /** Those who hold a connection, the longest first. @returns as many as a report takes, and how many were left out */
  holders(nowMs: number): { holders: HolderReport[]; cut: number } {
    const held: Slot[] = []
    for (const slot of this.#slots) if (slot.state === 'inUse') held.push(slot)
    held.sort((a, b) => a.sinceMs - b.sinceMs)
    const shown = held.slice(0, POOL_LIMITS.holders)
    return {
      holders: shown.map((slot) => this.#holder(slot, nowMs)),
      cut: held.length - shown.length,
    }
  }

  sessionPids(): number[] {
    const pids: number[] = []
    for (const slot of this.#slots) {
      const pid = this.#adapter.sessionPid(slot.connection)
      if (pid !== null && pids.length < POOL_LIMITS.sessionPids) pids.push(pid)
    }
    return pids
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
}
