import type { Turnable } from '@poolscope/protocol'
import type { WatchOptions } from './identity.ts'
import { quietly } from './replace.ts'

/** Within what a pool's `max` may be changed while the process runs. */
export type TurnableBounds = { min: number; max: number }

/** As {@link WatchOptions}, for a pool whose driver lets its size be changed while it runs. */
export type TurnableOptions = WatchOptions & {
  /**
   * Lets the agent change the pool's `max`, within these bounds and for as long as it says so; needs its `knob` switched
   * on too. Default: nobody can. Bounds that are no whole numbers from 1 on, or upside down, switch nothing on.
   */
  turnable?: TurnableBounds
}

/** How the `max` of a driver's pool is changed. */
export type Turning = {
  /** What is in force; `null` when it is not known, or the pool is gone. */
  max(): number | null
  /**
   * Puts another in force. Callers for whom there is room now are served at once; connections above it are closed, idle
   * ones at once, others when they are given back.
   */
  turn(max: number): void
}

/** A limit that the agent wants, until it says so again. */
export type MaxWish = { max: number; forMs: number }

/**
 * Changes the `max` of one pool as the agent wishes, and takes it back: when the agent wishes nothing any more, when
 * nothing is heard of it, and when the pool is watched no more. Never throws.
 */
export class Knob {
  readonly #bounds: TurnableBounds
  readonly #turning: Turning
  readonly #original: number
  /** What it has put in force; `null` while the original is. */
  #set: number | null = null
  #lease: NodeJS.Timeout | null = null

  private constructor(bounds: TurnableBounds, turning: Turning, original: number) {
    this.#bounds = bounds
    this.#turning = turning
    this.#original = original
  }

  /** `null` where nothing is allowed, or the driver does not let itself be turned. */
  static of(bounds: unknown, turning: Turning | null): Knob | null {
    const original = turning?.max() ?? null
    if (turning === null || original === null || !isLimit(original) || !areBounds(bounds)) return null
    return new Knob({ min: bounds.min, max: bounds.max }, turning, original)
  }

  /** What is told of it. */
  report(): Turnable {
    return { least: this.#bounds.min, most: this.#bounds.max, original: this.#original }
  }

  /** Takes what the agent wishes; `null` for nothing. What is outside of the bounds is as good as nothing. */
  take(wish: MaxWish | null): void {
    if (wish === null || !this.#allows(wish.max)) {
      this.undo()
      return
    }
    this.#renew(wish.forMs)
    if (wish.max === this.#set) return
    this.#set = wish.max
    quietly(() => this.#turning.turn(wish.max))
  }

  /** Puts the original in force again. Where the process has changed the limit itself since, that stays. */
  undo(): void {
    if (this.#lease !== null) clearTimeout(this.#lease)
    this.#lease = null
    if (this.#set === null) return
    const set = this.#set
    this.#set = null
    quietly(() => {
      if (this.#turning.max() === set) this.#turning.turn(this.#original)
    })
  }

  #allows(max: number): boolean {
    return isLimit(max) && max >= this.#bounds.min && max <= this.#bounds.max
  }

  #renew(forMs: number): void {
    if (this.#lease !== null) clearTimeout(this.#lease)
    this.#lease = setTimeout(() => this.undo(), Math.min(forMs, LONGEST_LEASE_MS)).unref()
  }
}

/** However long the agent wishes for: after this long without a word of it, nobody is there to take anything back. */
const LONGEST_LEASE_MS = 300_000

function isLimit(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 1_000_000
}

function areBounds(bounds: unknown): bounds is TurnableBounds {
  const { min, max } = (bounds ?? {}) as Partial<TurnableBounds>
  return isLimit(min) && isLimit(max) && min <= max
}
