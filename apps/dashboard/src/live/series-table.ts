import type { Columns } from '@poolscope/protocol'
import { Slots } from './slots.ts'
import { RING_TICKS } from './tick-clock.ts'

/** Columns that a stale series still has: they say that, and why, its numbers are old. */
export const VERDICTS: ReadonlySet<string> = new Set(['stale', 'status', 'state'])

/** One tick: `capacity` values a column, column after column. */
type Row = { values: Float32Array; capacity: number }

/**
 * The last ticks of every column of every pool group (or server).
 *
 * A ring of ticks, all series of a tick side by side: a tick is written as one run of memory, which is
 * what happens a thousand times more often than reading. A tick's memory is taken when the tick is first
 * written, so that a large fleet costs nothing before it has a past. NaN is "not known".
 */
export class SeriesTable<Column extends string> {
  readonly #slots = new Slots(RING_TICKS)
  readonly #indexOf: ReadonlyMap<string, number>
  readonly #rows = new Array<Row | undefined>(RING_TICKS).fill(undefined)
  #capacity = 0
  #places: Int32Array = new Int32Array(0)
  #ids: readonly string[] = []
  #newest = 0

  constructor(columns: readonly Column[]) {
    this.#indexOf = new Map(columns.map((name, index) => [name, index]))
  }

  /** Replaces the list of series; those that stay, and those that come back, keep their past. */
  setIds(ids: readonly string[], tick: number): void {
    this.#slots.touch(this.#ids, this.#newest)
    this.#places = this.#slots.assign(ids, tick, (slot) => this.#wipe(slot))
    this.#ids = ids
    const { used } = this.#slots
    if (used > this.#capacity) this.#capacity = Math.max(used, Math.ceil(this.#capacity * 1.5), 8)
  }

  /** Makes a tick's numbers unknown for all series, before it is written or left as a gap. */
  clearTick(tick: number): void {
    this.#rows[tick % RING_TICKS]?.values.fill(Number.NaN)
  }

  /**
   * Writes one tick; what belongs to no listed series becomes unknown, and so does a stale series:
   * its numbers were true once, not at this tick.
   * @param names the order of `columns`; names that are not ours are passed over
   */
  write(tick: number, columns: Columns, names: readonly string[]): void {
    this.clearTick(tick)
    this.#newest = Math.max(this.#newest, tick)
    const { values, capacity } = this.#rowFor(tick)
    const places = this.#places
    const stale = columns[names.indexOf('stale')]
    for (let i = 0; i < names.length; i++) {
      const column = this.#indexOf.get(names[i] as string)
      const from = columns[i]
      if (column === undefined || from === undefined) continue
      const base = column * capacity
      const verdict = VERDICTS.has(names[i] as string)
      const count = Math.min(from.length, places.length)
      for (let j = 0; j < count; j++) {
        const value = from[j]
        if (typeof value === 'number' && (verdict || stale?.[j] !== 1)) {
          values[base + (places[j] as number)] = value
        }
      }
    }
  }

  /** Writes one number of the past, null for unknown. An id without a place is passed over. */
  fill(id: string, column: string, tick: number, value: number | null | undefined): void {
    const slot = this.#slots.get(id)
    const index = this.#indexOf.get(column)
    if (slot === undefined || index === undefined) return
    const { values, capacity } = this.#rowFor(tick)
    values[index * capacity + slot] = typeof value === 'number' ? value : Number.NaN
  }

  /**
   * Copies a column of one series over a range of ticks, both ends included, oldest first; all NaN
   * for an id or column that is not there.
   * @param into at least `last - first + 1` long
   */
  read(id: string, column: string, first: number, last: number, into: Float32Array): void {
    const slot = this.#slots.get(id)
    const index = this.#indexOf.get(column)
    for (let tick = first, i = 0; tick <= last; tick++, i++) {
      const row = this.#rows[tick % RING_TICKS]
      into[i] =
        row === undefined || slot === undefined || index === undefined || slot >= row.capacity
          ? Number.NaN
          : (row.values[index * row.capacity + slot] as number)
    }
  }

  /** Forgets all numbers, keeps the places. */
  clear(): void {
    for (const row of this.#rows) row?.values.fill(Number.NaN)
  }

  #wipe(slot: number): void {
    for (const row of this.#rows) {
      if (row === undefined || slot >= row.capacity) continue
      for (let at = slot; at < row.values.length; at += row.capacity) row.values[at] = Number.NaN
    }
  }

  /** The memory of a tick, large enough for all series that there are now. */
  #rowFor(tick: number): Row {
    const at = tick % RING_TICKS
    const old = this.#rows[at]
    if (old !== undefined && old.capacity >= this.#capacity) return old
    const capacity = this.#capacity
    const values = new Float32Array(capacity * this.#indexOf.size).fill(Number.NaN)
    if (old !== undefined) {
      for (let column = 0; column < this.#indexOf.size; column++) {
        values.set(old.values.subarray(column * old.capacity, (column + 1) * old.capacity), column * capacity)
      }
    }
    const row = { values, capacity }
    this.#rows[at] = row
    return row
  }
}
