import type { Block } from './chunk.ts'
import { fromToken, type Tokens } from './tail.ts'

const FIRST_ROWS = 64

/** The rows of a series that are not in a chunk yet, as tokens: four bytes a value. */
export class Head {
  readonly shape: number
  readonly names: readonly string[]
  /** Record of the tail that holds the first row. */
  readonly firstRecord: number
  /** When it has to become a chunk. */
  readonly dueSec: number
  rows = 0
  #times = new Float64Array(FIRST_ROWS)
  #tokens: Uint32Array
  #floats = new Map<number, number>()

  constructor(shape: number, names: readonly string[], firstRecord: number, dueSec: number) {
    this.shape = shape
    this.names = names
    this.firstRecord = firstRecord
    this.dueSec = dueSec
    this.#tokens = new Uint32Array(FIRST_ROWS * names.length)
  }

  get firstSec(): number {
    return this.#times[0] as number
  }

  get lastSec(): number {
    return this.#times[this.rows - 1] as number
  }

  /** Adds the row that begins at `from`; one of the same second replaces the one before. */
  push(atSec: number, { tokens, values }: Tokens, from: number): void {
    const isAgain = this.rows > 0 && this.lastSec === atSec
    const row = isAgain ? this.rows - 1 : this.rows
    const columns = this.names.length
    if (row * columns === this.#tokens.length) this.#grow()
    this.#times[row] = atSec
    for (let i = 0; i < columns; i++) {
      const token = tokens[from + i] as number
      const at = row * columns + i
      this.#tokens[at] = token
      if (fromToken(token) === undefined) this.#floats.set(at, values[from + i] as number)
    }
    this.rows = row + 1
  }

  /** The rows as they are now; a column is made when it is asked for. */
  block(): Block {
    const { rows } = this
    const columns = this.names.length
    const column = (name: string) => {
      const index = this.names.indexOf(name)
      if (index < 0) return null
      const values = new Float64Array(rows)
      for (let row = 0; row < rows; row++) values[row] = this.#value(row * columns + index)
      return values
    }
    return { times: this.#times.slice(0, rows), column }
  }

  #value(at: number): number {
    const value = fromToken(this.#tokens[at] as number)
    return value === undefined ? (this.#floats.get(at) as number) : value
  }

  #grow(): void {
    const times = new Float64Array(this.#times.length * 2)
    const tokens = new Uint32Array(this.#tokens.length * 2)
    times.set(this.#times)
    tokens.set(this.#tokens)
    this.#times = times
    this.#tokens = tokens
  }
}
