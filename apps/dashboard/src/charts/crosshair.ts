import { Listeners } from '../live/listeners.ts'

/**
 * The one crosshair of a page: every chart shows the same moment. A pointer holds it at a place of the plot,
 * under which time goes on; the keyboard holds it at a moment, which moves with the data.
 */
class Crosshair {
  /** 0 at the left edge of every plot, 1 at the right; null when the pointer is elsewhere. */
  ratio: number | null = null
  /** Epoch ms; null when the keyboard holds nothing. */
  atMs: number | null = null
  /** The chart that holds it; null when none does. */
  owner: object | null = null
  readonly #listeners = new Listeners()
  #frame: number | null = null

  /** Calls back once a frame in which it moved. */
  onMove(listener: () => void): () => void {
    return this.#listeners.add(listener)
  }

  /** Holds it at a place or a moment. */
  hold(owner: object, at: { ratio: number } | { atMs: number }): void {
    this.owner = owner
    this.ratio = 'ratio' in at ? at.ratio : null
    this.atMs = 'atMs' in at ? at.atMs : null
    this.#request()
  }

  /** Lets go, if this chart holds it. */
  release(owner: object): void {
    if (this.owner !== owner) return
    this.owner = this.ratio = this.atMs = null
    this.#request()
  }

  /** The moment, for a plot from `startMs` to `endMs`; null when it is nowhere. */
  momentIn(startMs: number, endMs: number): number | null {
    if (this.ratio !== null) return startMs + this.ratio * (endMs - startMs)
    return this.atMs
  }

  #request(): void {
    if (this.#frame !== null) return
    this.#frame = requestAnimationFrame(() => {
      this.#frame = null
      this.#listeners.call()
    })
  }
}

/** Shared by all charts of the window. */
export const crosshair = new Crosshair()
