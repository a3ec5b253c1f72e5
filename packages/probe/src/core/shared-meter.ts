import { PoolMeter } from './meter.ts'
import type { PoolAdapter } from './pool-adapter.ts'
import { join, leave, type Slot, type Stay } from './slot.ts'
import { UNTIMED } from './waits.ts'

/**
 * Counts of one pool whose connections several callers use at a time. A connection is in use from the first to the last
 * of them, and held since the longest of them came. It takes no traces: there is no queue that a size could be replayed for.
 */
export class SharedMeter extends PoolMeter {
  constructor(name: string, adapter: PoolAdapter, stackEvery: number) {
    super(name, adapter, stackEvery, null)
  }

  /** A caller has a connection: its wait ends, its stay begins. */
  joined(ticket: number, slot: Slot): Stay {
    const nowMs = performance.now()
    let stack: object | null = null
    this.waiting--
    if (ticket !== UNTIMED) {
      this.window.wait.record(nowMs - this.waits.startMs(ticket))
      stack = this.waits.stack(ticket)
      this.waits.end(ticket)
    }
    return this.#share(slot, nowMs, stack)
  }

  /** A caller has a connection at once: as {@link joined} after {@link asked}. */
  joinedAtOnce(slot: Slot, stack: object | null): Stay {
    this.window.wait.record(0)
    return this.#share(slot, performance.now(), stack)
  }

  #share(slot: Slot, nowMs: number, stack: object | null): Stay {
    if (slot.state === 'inUse') this.window.checkouts++
    else {
      slot.stack = stack
      this.hold(slot, nowMs)
    }
    return join(slot, nowMs, stack)
  }

  /** A caller is done. */
  left(slot: Slot, stay: Stay): void {
    if (!stay.on) return
    const nowMs = performance.now()
    this.backMs = nowMs
    this.window.hold.record(nowMs - stay.sinceMs)
    const wasOldest = stay.before === null
    leave(slot, stay)
    if (!wasOldest) return
    if (slot.oldest !== null) {
      slot.sinceMs = slot.oldest.sinceMs
      slot.stack = slot.oldest.stack
    } else if (slot.state === 'inUse') {
      // Every stay was counted by itself.
      slot.late = true
      this.returned(slot)
    }
  }
}
