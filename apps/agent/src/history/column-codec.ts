import type { ByteReader, ByteWriter } from './bytes.ts'
import { decimalCode, fromDecimalCode, isCount } from './codes.ts'

/** How the values of a column are written; the lowest three bits of its first byte. */
const KIND = { none: 0, one: 1, packed: 2, differences: 3, floats: 4 } as const
const KIND_BITS = 7
/** Values are codes of `decimalCode`; else counts. */
const DECIMAL = 8
/** A bitmap of the known ones comes first. */
const HAS_GAPS = 16
/** The bitmap is that of the column before. */
const SAME_GAPS = 32
const WIDEST = 24

/** What one chunk's columns share while they are written or read: scratch space, and the last bitmap. */
export class ColumnContext {
  readonly rows: number
  readonly codes: Float64Array
  readonly offsets: Uint32Array
  gaps: Uint8Array | null = null

  constructor(rows: number) {
    this.rows = rows
    this.codes = new Float64Array(rows)
    this.offsets = new Uint32Array(rows)
  }
}

/**
 * Writes one column: nothing where nothing is known, one value where all are equal, else the values or their
 * differences less the smallest, each in as few bits as suit most of them, with the wider ones as exceptions.
 * @param values NaN is a gap
 */
export function writeColumn(out: ByteWriter, values: ArrayLike<number>, context: ColumnContext): void {
  const { rows, codes } = context
  let known = 0
  let counts = true
  for (let i = 0; i < rows; i++) {
    const value = values[i] as number
    if (Number.isNaN(value)) continue
    codes[known++] = value
    counts &&= isCount(value)
  }
  if (known === 0) {
    out.byte(KIND.none)
    return
  }
  const coded = counts || toDecimalCodes(codes, known)
  const gaps = known === rows ? null : bitmapOf(values, rows)
  const same = gaps !== null && context.gaps !== null && equal(gaps, context.gaps)
  let flags = counts ? 0 : DECIMAL
  if (gaps !== null) flags |= same ? HAS_GAPS | SAME_GAPS : HAS_GAPS
  context.gaps = gaps ?? context.gaps
  const plan = coded ? planOf(context, known) : null
  out.byte(flags | (plan === null ? KIND.floats : plan.kind))
  if (gaps !== null && !same) out.append(gaps)
  if (plan === null) {
    for (let i = 0; i < rows; i++) {
      const value = values[i] as number
      if (!Number.isNaN(value)) out.float64(value)
    }
  } else if (plan.kind === KIND.one) out.varint(codes[0] as number)
  else writePacked(out, plan, context, known)
}

/** Reads what {@link writeColumn} wrote; gaps are NaN. */
export function readColumn(input: ByteReader, context: ColumnContext): Float64Array {
  const { rows } = context
  const values = new Float64Array(rows)
  const first = input.byte()
  const kind = first & KIND_BITS
  if (kind === KIND.none) return values.fill(Number.NaN)
  const gaps = readGaps(input, first, context)
  const known = gaps === null ? rows : ones(gaps)
  // Without gaps the values are where they belong at once.
  const codes = gaps === null ? values : context.codes
  if (kind === KIND.floats) for (let i = 0; i < known; i++) codes[i] = input.float64()
  else if (kind === KIND.one) codes.fill(input.varint(), 0, known)
  else readPacked(input, codes, known, kind === KIND.differences)
  if (kind !== KIND.floats && (first & DECIMAL) !== 0) fromDecimalCodes(codes, known)
  if (gaps === null) return values
  let next = 0
  for (let i = 0; i < rows; i++) {
    const isKnown = ((gaps[i >> 3] as number) >> (i & 7)) & 1
    values[i] = isKnown === 1 ? (codes[next++] as number) : Number.NaN
  }
  return values
}

/** Remembers the bitmap of a column that is left out, which the next one may refer to. */
export function skipColumn(column: ByteReader, context: ColumnContext): void {
  readGaps(column, column.byte(), context)
}

function readGaps(input: ByteReader, first: number, context: ColumnContext): Uint8Array | null {
  if ((first & KIND_BITS) === KIND.none || (first & HAS_GAPS) === 0) return null
  if ((first & SAME_GAPS) === 0) context.gaps = input.take(Math.ceil(context.rows / 8))
  return context.gaps
}

type Plan = { kind: number; least: number; width: number; exceptions: number }

function planOf(context: ColumnContext, known: number): Plan {
  const { codes } = context
  let least = codes[0] as number
  let most = least
  let leastStep = Number.POSITIVE_INFINITY
  for (let i = 1; i < known; i++) {
    const code = codes[i] as number
    if (code < least) least = code
    else if (code > most) most = code
    const step = code - (codes[i - 1] as number)
    if (step < leastStep) leastStep = step
  }
  if (least === most) return { kind: KIND.one, least, width: 0, exceptions: 0 }
  const plain = widthOf(known, (i) => (codes[i] as number) - least)
  const steps = widthOf(known - 1, (i) => zigzag((codes[i + 1] as number) - (codes[i] as number)))
  return steps.bits + 32 < plain.bits
    ? { kind: KIND.differences, least: codes[0] as number, ...steps }
    : { kind: KIND.packed, least, ...plain }
}

/** The width that costs fewest bits, counting two bytes and the rest of the value for each exception. */
function widthOf(count: number, valueAt: (i: number) => number) {
  const byBits = new Uint32Array(34)
  for (let i = 0; i < count; i++) {
    const bits = 32 - Math.clz32(valueAt(i))
    byBits[bits] = (byBits[bits] as number) + 1
  }
  let best = { width: 0, exceptions: 0, bits: Number.POSITIVE_INFINITY }
  for (let width = 0; width <= WIDEST; width++) {
    let exceptions = 0
    let bits = count * width
    for (let wide = width + 1; wide <= 32; wide++) {
      exceptions += byBits[wide] as number
      bits += (byBits[wide] as number) * (8 + 8 * Math.ceil((wide - width) / 7))
    }
    if (bits < best.bits) best = { width, exceptions, bits }
  }
  return best
}

function writePacked(out: ByteWriter, plan: Plan, { codes, offsets }: ColumnContext, known: number): void {
  const { kind, least, width, exceptions } = plan
  const isSteps = kind === KIND.differences
  const count = isSteps ? known - 1 : known
  for (let i = 0; i < count; i++) {
    const code = codes[i] as number
    offsets[i] = isSteps ? zigzag((codes[i + 1] as number) - code) : code - least
  }
  out.varint(least)
  out.byte(width)
  out.varint(exceptions)
  out.packed(offsets, count, width)
  const limit = 2 ** width
  let last = 0
  for (let i = 0; i < count && exceptions > 0; i++) {
    if ((offsets[i] as number) < limit) continue
    out.varint(i - last)
    out.varint(Math.floor((offsets[i] as number) / limit))
    last = i
  }
}

function readPacked(input: ByteReader, codes: Float64Array, known: number, isSteps: boolean): void {
  const least = input.varint()
  const width = input.byte()
  const exceptions = input.varint()
  const count = isSteps ? known - 1 : known
  input.packed(codes, count, width)
  let at = 0
  for (let i = 0; i < exceptions; i++) {
    at += input.varint()
    codes[at] = (codes[at] as number) + input.varint() * 2 ** width
  }
  if (!isSteps) {
    for (let i = 0; i < count; i++) codes[i] = (codes[i] as number) + least
    return
  }
  let value = least
  for (let i = 0; i < known; i++) {
    const step = codes[i] as number
    codes[i] = value
    value += step % 2 === 0 ? step / 2 : -(step + 1) / 2
  }
}

/** Signed as unsigned, small ones small: 0, -1, 1, -2. Steps between 31-bit codes stay below 2^32. */
function zigzag(step: number): number {
  return step >= 0 ? step * 2 : -step * 2 - 1
}

function toDecimalCodes(values: Float64Array, known: number): boolean {
  for (let i = 0; i < known; i++) {
    const code = decimalCode(values[i] as number)
    if (code < 0) return false
    values[i] = code
  }
  return true
}

function fromDecimalCodes(codes: Float64Array, known: number): void {
  for (let i = 0; i < known; i++) codes[i] = fromDecimalCode(codes[i] as number)
}

function bitmapOf(values: ArrayLike<number>, rows: number): Uint8Array {
  const bitmap = new Uint8Array(Math.ceil(rows / 8))
  for (let i = 0; i < rows; i++) {
    if (!Number.isNaN(values[i] as number)) bitmap[i >> 3] = (bitmap[i >> 3] as number) | (1 << (i & 7))
  }
  return bitmap
}

function ones(bitmap: Uint8Array): number {
  let count = 0
  for (const byte of bitmap) for (let rest = byte; rest !== 0; rest &= rest - 1) count += 1
  return count
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}
