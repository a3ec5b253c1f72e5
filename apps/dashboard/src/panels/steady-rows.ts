import type { Holder } from '@poolscope/protocol'
import { keepOrder } from '../lib/order.ts'
import type { HolderRow } from './HolderParts.tsx'

/** A beginning that moved by less is the same hold, measured again; by more, the session was taken anew, ms. */
const SAME_HOLD_MS = 500

/** A hold as the table shows it. */
export type SteadyRow = HolderRow & {
  /** No longer in use; kept while its stack is open. */
  gone: boolean
  /** Whether its stack is open. */
  open: boolean
  /** Its own as long as it is shown; then another's, whose texts are written into the row that is there. */
  place: number
}

/** Fields of a hold that move at each tick: they tell how long it lasts. */
const AGES: ReadonlySet<string> = new Set(['heldMs', 'sinceMs'] satisfies (keyof Holder)[])

/** Whether two rows look alike but for how long they are held. */
export function lookAlike(a: SteadyRow, b: SteadyRow): boolean {
  if (a.place !== b.place || a.gone !== b.gone || a.open !== b.open) return false
  if (a.holder === b.holder) return true
  const others = new Map(Object.entries(b.holder))
  return Object.entries(a.holder).every(([name, value]) => AGES.has(name) || isSame(value, others.get(name)))
}

/** Values of a message: what is no object is compared as it is. */
function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true
  return typeof a === 'object' && typeof b === 'object' && JSON.stringify(a) === JSON.stringify(b)
}

function sessionOf(holder: Holder): string {
  return `${holder.poolId} ${holder.sessionPid} ${holder.stack?.[0] ?? ''}`
}

/**
 * Holds in an order that never moves one past another: those that stay keep their places, new ones come last, being the
 * youngest. What is open stays until it is closed, even when it was given back.
 */
export class SteadyRows {
  #rows: readonly SteadyRow[] = []
  #begun: ReadonlyMap<string, { sinceMs: number; hold: number }> = new Map()
  #holds = 0

  /** The rows of now. @param open keys of the rows whose stacks are open */
  take(holders: readonly Holder[], open: ReadonlySet<string>): readonly SteadyRow[] {
    const now = this.#keyed(holders)
    for (const { key, holder } of this.#rows) {
      if (!now.has(key) && open.has(key)) now.set(key, { holder, gone: true })
    }
    const order = keepOrder(
      this.#rows.map(({ key }) => key),
      [...now.keys()],
    )
    const placeOf = this.#places(order)
    this.#rows = order.flatMap((key) => {
      const row = now.get(key)
      return row === undefined ? [] : { ...row, key, open: open.has(key), place: placeOf(key) }
    })
    return this.#rows
  }

  /** Longest held first, under keys that stay as long as a hold lasts. */
  #keyed(holders: readonly Holder[]): Map<string, { holder: Holder; gone: boolean }> {
    const now = new Map<string, { holder: Holder; gone: boolean }>()
    const begun = new Map<string, { sinceMs: number; hold: number }>()
    for (const holder of [...holders].sort((a, b) => a.sinceMs - b.sinceMs)) {
      let session = sessionOf(holder)
      while (begun.has(session)) session += ' twin'
      const last = this.#begun.get(session)
      const same = last !== undefined && holder.sinceMs - last.sinceMs <= SAME_HOLD_MS
      const hold = same ? last.hold : ++this.#holds
      begun.set(session, { sinceMs: holder.sinceMs, hold })
      now.set(`${session} ${hold}`, { holder, gone: false })
    }
    this.#begun = begun
    return now
  }

  /** Those that were there have the places that they had, those that are new the first that are free. */
  #places(order: readonly string[]): (key: string) => number {
    const had = new Map(this.#rows.map(({ key, place }) => [key, place]))
    const taken = new Set(order.flatMap((key) => had.get(key) ?? []))
    let next = 0
    return (key) => {
      const own = had.get(key)
      if (own !== undefined) return own
      while (taken.has(next)) next += 1
      return next++
    }
  }
}
