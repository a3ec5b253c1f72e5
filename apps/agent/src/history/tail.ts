import { ByteReader, ByteWriter } from './bytes.ts'
import { decimalCode, fromDecimalCode, isCount } from './codes.ts'

/** Tokens: 0 is a gap, 1 a float that follows or is kept apart, even ones are counts, odd ones decimals. */
const GAP = 0
const FLOAT = 1
const MOST = 2 ** 30
const VERSION = 1

/** A value as one whole number of 32 bits; 1 where it does not fit one. */
function tokenOf(value: number): number {
  if (Number.isNaN(value)) return GAP
  if (isCount(value)) return value < MOST ? 2 + 2 * value : FLOAT
  const code = decimalCode(value)
  return code >= 0 && code < MOST ? 3 + 2 * code : FLOAT
}

/** The value of a token; undefined for a float, which is kept apart. */
export function fromToken(token: number): number | undefined {
  if (token === GAP) return Number.NaN
  if (token === FLOAT) return undefined
  return token % 2 === 0 ? (token - 2) / 2 : fromDecimalCode((token - 3) / 2)
}

/** Numbers of many series in turn, and the token of each. */
export type Tokens = { tokens: Uint32Array; values: Float64Array }

/** Makes tokens of numbers. */
export function tokensOf(values: Float64Array): Tokens {
  const tokens = new Uint32Array(values.length)
  for (let i = 0; i < values.length; i++) tokens[i] = tokenOf(values[i] as number)
  return { tokens, values }
}

/**
 * The part of a tick that is one series': its number, the number of its shape, and its tokens, with values where these
 * are floats.
 */
type TailSeries = { id: number; shape: number; row: Tokens }

/** Writes one tick of all series as a record. */
export class TailWriter {
  readonly #out = new ByteWriter(16_384)

  begin(atSec: number, series: number): void {
    this.#out.clear()
    this.#out.byte(VERSION)
    this.#out.varint(atSec)
    this.#out.varint(series)
  }

  /** Adds a series, whose `columns` numbers begin at `at`. */
  add(id: number, shape: number, { tokens, values }: Tokens, at: number, columns: number): void {
    const out = this.#out
    out.varint(id)
    out.varint(shape)
    out.varint(columns)
    for (let i = at; i < at + columns; i++) {
      const token = tokens[i] as number
      out.varint(token)
      if (token === FLOAT) out.float64(values[i] as number)
    }
  }

  /** The record; valid until the next `begin`. */
  end(): Uint8Array {
    return this.#out.view()
  }
}

/** Reads a record. @throws RangeError when it is of another version or ends too early */
export function readTail(bytes: Uint8Array): { atSec: number; series: TailSeries[] } {
  const input = new ByteReader(bytes)
  const version = input.byte()
  if (version !== VERSION) throw new RangeError(`record version ${version}, expected ${VERSION}`)
  const atSec = input.varint()
  const series: TailSeries[] = []
  for (let rest = input.varint(); rest > 0; rest--) {
    const [id, shape, columns] = [input.varint(), input.varint(), input.varint()]
    const row = { tokens: new Uint32Array(columns), values: new Float64Array(columns) }
    for (let i = 0; i < columns; i++) {
      const token = input.varint()
      row.tokens[i] = token
      if (token === FLOAT) row.values[i] = input.float64()
    }
    series.push({ id, shape, row })
  }
  return { atSec, series }
}
