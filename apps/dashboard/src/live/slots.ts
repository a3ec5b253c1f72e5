/**
 * Gives each id a place in the typed arrays and keeps it while the id is away, so that a pool that
 * comes back finds its past. A place is given away once its id was absent for `keepTicks`.
 */
export class Slots {
  #slotOf = new Map<string, number>()
  #seenAt = new Map<string, number>()
  #free: number[] = []
  readonly #keepTicks: number
  /** One more than the highest place ever given. */
  used = 0

  constructor(keepTicks: number) {
    this.#keepTicks = keepTicks
  }

  /** The place of an id; undefined when it has none. */
  get(id: string): number | undefined {
    return this.#slotOf.get(id)
  }

  /**
   * Places for the ids of a catalogue, in its order.
   * @param tick the number of the tick that the catalogue holds from
   * @param onReuse told of each place that was another id's before; its values are to be wiped
   */
  assign(ids: readonly string[], tick: number, onReuse: (slot: number) => void): Int32Array {
    for (const id of ids) this.#seenAt.set(id, Number.POSITIVE_INFINITY)
    for (const [id, slot] of this.#slotOf) {
      const seen = this.#seenAt.get(id) as number
      if (seen < tick - this.#keepTicks) {
        this.#slotOf.delete(id)
        this.#seenAt.delete(id)
        this.#free.push(slot)
      }
    }
    const places = Int32Array.from(ids, (id) => {
      let slot = this.#slotOf.get(id)
      if (slot === undefined) {
        slot = this.#free.pop()
        if (slot === undefined) slot = this.used++
        else onReuse(slot)
        this.#slotOf.set(id, slot)
      }
      return slot
    })
    for (const id of ids) this.#seenAt.set(id, tick)
    return places
  }

  /** Marks the ids of the catalogue in force as present at a tick, as it is replaced by another. */
  touch(ids: readonly string[], tick: number): void {
    for (const id of ids) if (this.#slotOf.has(id)) this.#seenAt.set(id, tick)
  }
}
