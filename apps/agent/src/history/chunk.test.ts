import { describe, expect, it } from 'vitest'
import { threeDigits } from '../fleet/three-digits.ts'
import { blockOf, chunkHead, decodeChunk, encodeChunk } from './chunk.ts'
import { decimalCode, fromDecimalCode } from './codes.ts'

/** Repeatable numbers in [0, 1). */
function repeatable(seed: number) {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

type Shape = (random: () => number, i: number) => number
const SHAPES: Record<string, Shape> = {
  constant: () => 20,
  nothing: () => Number.NaN,
  counts: (random) => Math.floor(random() * 20),
  decimals: (random) => threeDigits(Math.exp(random() * 14 - 7)),
  spike: (random, i) => (i === 41 ? 4_000_000 : Math.floor(random() * 3)),
  gaps: (random) => (random() < 0.3 ? Number.NaN : Math.floor(random() * 9)),
  'the same gaps': (_random, i) => (i % 3 === 0 ? Number.NaN : i % 7),
  'the same gaps again': (_random, i) => (i % 3 === 0 ? Number.NaN : threeDigits(i / 7)),
  'a line': (_random, i) => 1_000_000 + i * 3,
  'the largest': (random) => Math.floor(random() * 2 ** 31),
  floats: (random) => random() * 1e12 - 5e11,
  negative: (_random, i) => -1 - i,
}

describe(encodeChunk, () => {
  const names = Object.keys(SHAPES)
  it.each([1, 2, 7, 8, 9, 300, 601])('keeps every value of %i rows', (rows) => {
    for (const deflate of [false, true]) {
      for (let seed = 1; seed <= 6; seed++) {
        const random = repeatable(seed)
        const hasHoles = seed % 2 === 0
        let at = 1_700_000_000
        const times = Float64Array.from({ length: rows }, () => {
          at += hasHoles && random() < 0.1 ? 50 : 10
          return at
        })
        const columns = new Map(
          Object.entries(SHAPES).map(([name, value]) => [
            name,
            Float64Array.from({ length: rows }, (_, i) => value(random, i)),
          ]),
        )
        const bytes = encodeChunk(blockOf(times, columns), names, { shape: 3, stepSec: 10, deflate })
        expect(chunkHead(bytes)).toEqual({ shape: 3, fromSec: times[0], stepSec: 10, rows })
        const block = decodeChunk(bytes, names)
        expect(block.times).toEqual(times)
        // In any order, because a bitmap may be that of the column before.
        for (const name of names.toReversed()) expect(block.column(name), name).toEqual(columns.get(name))
        expect(block.column('another')).toBeNull()
      }
    }
  })

  it('takes next to nothing for what does not change', () => {
    const rows = 300
    const times = Float64Array.from({ length: rows }, (_, i) => 1_700_000_000 + i)
    const quiet = Array.from({ length: 27 }, (_, i) => `c${i}`)
    const columns = new Map(quiet.map((name) => [name, new Float64Array(rows).fill(5)]))
    const bytes = encodeChunk(blockOf(times, columns), quiet, { shape: 1, stepSec: 1, deflate: false })
    // 16 bytes of head, and a length, a kind and a value a column
    expect(bytes.length).toBeLessThan(16 + 27 * 3 + 1)
  })

  it('refuses bytes of another version and bytes that end early', () => {
    const times = Float64Array.of(1_700_000_000, 1_700_000_001)
    const columns = new Map([['a', Float64Array.of(1.5, 2.5)]])
    const bytes = encodeChunk(blockOf(times, columns), ['a'], { shape: 1, stepSec: 1, deflate: false })
    expect(() => decodeChunk(Uint8Array.of(9, ...bytes.subarray(1)), ['a'])).toThrow('chunk version 9')
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeChunk(bytes.slice(0, length), ['a']).column('a')).toThrow(RangeError)
    }
  })

  it.each([false, true])('notices each bit that is not what was written (deflated: %s)', (deflate) => {
    const times = Float64Array.of(1_700_000_000, 1_700_000_001, 1_700_000_003)
    const columns = new Map([['a', Float64Array.of(1.5, Number.NaN, 2.5)]])
    const bytes = encodeChunk(blockOf(times, columns), ['a'], { shape: 1, stepSec: 1, deflate })
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = bytes.slice()
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7))
      expect(() => decodeChunk(flipped, ['a']), `bit ${bit}`).toThrow(RangeError)
    }
  })
})

describe(decimalCode, () => {
  it('is the same number back, and keeps the order', () => {
    const values = [0, 0.001, 0.999, 1, 1.23, 9.99, 10, 12.3, 99.9, 100, 101, 65_000]
    const codes = values.map(decimalCode)
    expect(codes.map(fromDecimalCode)).toEqual(values)
    expect(codes.toSorted((a, b) => a - b)).toEqual(codes)
  })

  it('has none for what has more digits, is negative or too large', () => {
    expect([1.234, 100.5, -1, 2 ** 31, Number.POSITIVE_INFINITY].map(decimalCode)).toEqual([
      -1, -1, -1, -1, -1,
    ])
  })
})
