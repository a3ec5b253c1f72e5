import { describe, expect, it } from 'vitest'
import { threeDigits } from '../fleet/three-digits.ts'
import { JsonBytes } from './json-bytes.ts'

function written(values: readonly number[]): string {
  const out = new JsonBytes(1)
  out.numbers(values)
  return out.view().toString()
}

describe(JsonBytes, () => {
  it('writes numbers as JSON.stringify does', () => {
    const rounded = Array.from({ length: 4000 }, (_, i) => threeDigits(i ** 1.7 / 997))
    const odd = [0, -0, -1, -0.5, 9, 10, 99, 100, 999_999_999, 1e9, 1_700_000_000_000, 2 ** 53, 1e21, 1e-7]
    const long = [0.1 + 0.2, 99.96, 99.95, 1 / 3, 100.5, 5e-324, 1.7976931348623157e308]
    const values = [...rounded, ...odd, ...long]
    expect(written(values)).toBe(JSON.stringify(values))
  })

  it('writes null for what is not known', () => {
    // As JSON.stringify does.
    expect(written([1, Number.NaN, Number.POSITIVE_INFINITY])).toBe('[1,null,null]')
    expect(written([])).toBe('[]')
  })

  it('grows for text of any script', () => {
    const out = new JsonBytes(1)
    for (const json of ['{"\u00e9t\u00e9 \u{1f389}":', '1}']) out.text(json)
    expect(out.view().toString()).toBe('{"\u00e9t\u00e9 \u{1f389}":1}')
  })
})
