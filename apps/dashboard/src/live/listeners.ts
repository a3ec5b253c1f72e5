/** A set of callbacks. One that is added or removed during a call takes effect with the next. */
export class Listeners {
  #listeners: ReadonlySet<() => void> = new Set()

  /** @returns removes it again */
  add(listener: () => void): () => void {
    // The same function may be added twice; each addition is its own.
    const own = () => listener()
    this.#listeners = new Set(this.#listeners).add(own)
    return () => {
      const rest = new Set(this.#listeners)
      rest.delete(own)
      this.#listeners = rest
    }
  }

  /** Calls all of them. One that throws is reported to the browser, and keeps no other from being called. */
  call(): void {
    for (const listener of this.#listeners) {
      try {
        listener()
      } catch (error) {
        reportError(error)
      }
    }
  }
}
