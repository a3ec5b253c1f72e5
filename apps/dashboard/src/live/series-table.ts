import type { Columns } from '@poolscope/protocol'
import { Slots } from './slots.ts'
import { RING_TICKS } from './tick-clock.ts'

/** Columns that a stale series still has: they say that, and why, its numbers are old. */
const VERDICTS: ReadonlySet<string> = new Set(['stale', 'status', 'state'])

/**
 * The last ticks of every column of every pool group (or server).
 *
 * One Float32Array a column, all series of one tick side by side: a tick is written as one run of
 * memory, which is what happens a thousand times more often than reading. NaN is "not known".
 */
export class SeriesTable<Column extends string> {
  readonly columns: readonly Column[]
  readonly #slots = new Slots(RING_TICKS)
  readonly #indexOf: ReadonlyMap<string, number>
  #values: Float32Array[]
  #capacity = 0
  #places: Int32Array = new Int32Array(0)
  #ids: readonly string[] = []
  #newest = 0

  constructor(columns: readonly Column[]) {
    this.columns = columns
    this.#indexOf = new Map(columns.map((name, index) => [name, index]))
    this.#values = columns.map(() => new Float32Array(0))
  }

  /** Replaces the list of series; those that stay, and those that come back, keep their past. */
  setIds(ids: readonly string[], tick: number): void {
    this.#slots.touch(this.#ids, this.#newest)
    this.#places = this.#slots.assign(ids, tick, (slot) => this.#wipe(slot))
    this.#ids = ids
    if (this.#slots.used > this.#capacity) this.#grow(this.#slots.used)
  }

  /** Makes a tick's numbers unknown for all series, before it is written or left as a gap. */
  clearTick(tick: number): void {
    const from = (tick % RING_TICKS) * this.#capacity
    for (const values of this.#values) values.fill(Number.NaN, from, from + this.#capacity)
  }

  /**
   * Writes one tick; what belongs to no listed series becomes unknown, and so does a stale series:
   * its numbers were true once, not at this tick.
   * @param names the order of `columns`; names that are not ours are passed over
   */
  write(tick: number, columns: Columns, names: readonly string[]): void {
    this.clearTick(tick)
    this.#newest = Math.max(this.#newest, tick)
    const base = (tick % RING_TICKS) * this.#capacity
    const places = this.#places
    const stale = columns[names.indexOf('stale')]
    for (let i = 0; i < names.length; i++) {
      const to = this.#values[this.#indexOf.get(names[i] as string) as number]
      const from = columns[i]
      if (to === undefined || from === undefined) continue
      const verdict = VERDICTS.has(names[i] as string)
      const count = Math.min(from.length, places.length)
      for (let j = 0; j < count; j++) {
        const value = from[j]
        if (typeof value === 'number' && (verdict || stale?.[j] !== 1))
          to[base + (places[j] as number)] = value
      }
    }
  }

  /** Writes one known number of the past. An id without a place is passed over. */
  fill(id: string, column: string, tick: number, value: number | null | undefined): void {
    const slot = this.#slots.get(id)
    const to = this.#values[this.#indexOf.get(column) as number]
    if (slot === undefined || to === undefined) return
    to[(tick % RING_TICKS) * this.#capacity + slot] = typeof value === 'number' ? value : Number.NaN
  }

  /**
   * Copies a column of one series over a range of ticks, both ends included, oldest first; all NaN
   * for an id or column that is not there.
   * @param into at least `last - first + 1` long
   */
  read(id: string, column: string, first: number, last: number, into: Float32Array): void {
    const slot = this.#slots.get(id)
    const from = this.#values[this.#indexOf.get(column) as number]
    if (slot === undefined || from === undefined) {
      into.fill(Number.NaN, 0, last - first + 1)
      return
    }
    for (let tick = first, i = 0; tick <= last; tick++, i++) {
      into[i] = from[(tick % RING_TICKS) * this.#capacity + slot] as number
    }
  }

  /** Forgets all numbers, keeps the places. */
  clear(): void {
    for (const values of this.#values) values.fill(Number.NaN)
  }

  #wipe(slot: number): void {
    for (const values of this.#values) {
      for (let at = slot; at < values.length; at += this.#capacity) values[at] = Number.NaN
    }
  }

  #grow(needed: number): void {
    const capacity = Math.max(needed, Math.ceil(this.#capacity * 1.5), 8)
    this.#values = this.#values.map((old) => {
      const grown = new Float32Array(capacity * RING_TICKS).fill(Number.NaN)
      for (let tick = 0; tick < RING_TICKS && this.#capacity > 0; tick++) {
        grown.set(old.subarray(tick * this.#capacity, (tick + 1) * this.#capacity), tick * capacity)
      }
      return grown
    })
    this.#capacity = capacity
  }
}
