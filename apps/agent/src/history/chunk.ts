import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib'
import { ByteReader, ByteWriter } from './bytes.ts'
import { ColumnContext, readColumn, skipColumn, writeColumn } from './column-codec.ts'

/** Rows of one series, oldest first, times rising and all different. */
export type Block = {
  /** Begin of each row's step, whole seconds since the epoch. */
  times: Float64Array
  /** A column by its name, NaN for gaps; null where the block has none of that name. */
  column(name: string): Float64Array | null
}

/** What a chunk says of itself without being unpacked. */
export type ChunkHead = { shape: number; fromSec: number; stepSec: number; rows: number }

/** From the second version on, a checksum of all that follows comes next. */
const VERSION = 2
const UNCHECKED = 1
const CHECKSUM_BYTES = 4
const DEFLATED = 1
const EVERY_STEP = 2

/** A block of columns that are all there. */
export function blockOf(times: Float64Array, columns: ReadonlyMap<string, Float64Array>): Block {
  return { times, column: (name) => columns.get(name) ?? null }
}

/**
 * Packs rows.
 * @param shape number of the list of `names`
 * @param deflate a seventh to a quarter fewer bytes for about twice the time; a single column can no longer be read alone
 */
export function encodeChunk(
  { times, column }: Block,
  names: readonly string[],
  { shape, stepSec, deflate }: { shape: number; stepSec: number; deflate: boolean },
): Uint8Array {
  const rows = times.length
  const fromSec = times[0] as number
  const steps = ((times[rows - 1] as number) - fromSec) / stepSec + 1
  const body = new ByteWriter(8192)
  if (steps !== rows) for (let i = 1; i < rows; i++) body.varint(stepsBetween(times, i, stepSec))
  const context = new ColumnContext(rows)
  const one = new ByteWriter(2048)
  for (const name of names) {
    one.clear()
    const values = column(name)
    if (values === null) throw new RangeError(`the block has no column ${name}`)
    writeColumn(one, values, context)
    body.varint(one.length)
    body.append(one.view())
  }
  const out = new ByteWriter(body.length + 20)
  out.byte(VERSION)
  const checkedAt = out.length
  out.append(new Uint8Array(CHECKSUM_BYTES))
  out.byte((deflate ? DEFLATED : 0) | (steps === rows ? EVERY_STEP : 0))
  for (const number of [shape, fromSec, stepSec, rows]) out.varint(number)
  out.append(deflate ? deflateRawSync(body.view()) : body.view())
  const bytes = out.view()
  viewOf(bytes).setUint32(checkedAt, crc32(bytes.subarray(checkedAt + CHECKSUM_BYTES)), true)
  return bytes
}

/** What a chunk says of itself, unchecked. @throws RangeError when it is of another version */
export function chunkHead(bytes: Uint8Array): ChunkHead {
  return readHead(new ByteReader(bytes)).head
}

/**
 * Unpacks a chunk; columns when they are asked for.
 * @param names of the chunk's shape
 * @throws RangeError when it is of another version, ends too early, or is not what was written
 */
export function decodeChunk(bytes: Uint8Array, names: readonly string[]): Block {
  const outer = new ByteReader(bytes)
  const { head, flags, checkedFrom } = readHead(outer)
  if (checkedFrom !== null) {
    const checksum = viewOf(bytes).getUint32(checkedFrom - CHECKSUM_BYTES, true)
    if (checksum !== crc32(bytes.subarray(checkedFrom))) throw new RangeError('the chunk is broken')
  }
  const { fromSec, stepSec, rows } = head
  const rest = bytes.subarray(outer.at)
  const body = (flags & DEFLATED) === 0 ? rest : inflateRawSync(rest)
  const input = new ByteReader(body)
  const times = new Float64Array(rows)
  times[0] = fromSec
  for (let i = 1; i < rows; i++) {
    const steps = (flags & EVERY_STEP) === 0 ? input.varint() : 1
    times[i] = (times[i - 1] as number) + steps * stepSec
  }
  const parts = new Map<string, { at: number; gaps: Uint8Array | null }>()
  const context = new ColumnContext(rows)
  for (const name of names) {
    const next = input.varint() + input.at
    parts.set(name, { at: input.at, gaps: context.gaps })
    skipColumn(input, context)
    input.at = next
  }
  return {
    times,
    column: (name) => {
      const part = parts.get(name)
      if (part === undefined) return null
      context.gaps = part.gaps
      input.at = part.at
      return readColumn(input, context)
    },
  }
}

function readHead(input: ByteReader): { head: ChunkHead; flags: number; checkedFrom: number | null } {
  const version = input.byte()
  if (version !== VERSION && version !== UNCHECKED) {
    throw new RangeError(`chunk version ${version}, expected ${VERSION}`)
  }
  if (version !== UNCHECKED) input.take(CHECKSUM_BYTES)
  const checkedFrom = version === UNCHECKED ? null : input.at
  const flags = input.byte()
  const head = {
    shape: input.varint(),
    fromSec: input.varint(),
    stepSec: input.varint(),
    rows: input.varint(),
  }
  return { head, flags, checkedFrom }
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength)
}

function stepsBetween(times: Float64Array, i: number, stepSec: number): number {
  return ((times[i] as number) - (times[i - 1] as number)) / stepSec
}
