import { Ajv } from 'ajv'
import { describe, expect, it } from 'vitest'
import { countFewCharacters } from './lengths.ts'

describe(countFewCharacters, () => {
  // One character that takes two places of a string.
  const wide = '😀'

  it('takes and refuses the same texts for the same reason as a validator that counts all of them', () => {
    const texts = ['', 'a', 'aaa', 'aaaa', 'aaaaa', wide, wide.repeat(3), `${wide}aaa`, wide.repeat(4)]
    for (const schema of [
      { type: 'string', minLength: 1, maxLength: 3 },
      { type: 'string', minLength: 2, maxLength: 4 },
    ]) {
      const counting = new Ajv().compile(schema)
      const fast = countFewCharacters(new Ajv()).compile(schema)
      for (const text of texts) {
        expect([text, fast(text)]).toEqual([text, counting(text)])
        expect(fast.errors?.[0]?.message).toBe(counting.errors?.[0]?.message)
      }
    }
  })

  it('keeps the bounds of characters, not of places', () => {
    const fast = countFewCharacters(new Ajv()).compile({ type: 'string', minLength: 2, maxLength: 3 })
    expect([wide, wide.repeat(2), wide.repeat(3), wide.repeat(4)].map((text) => fast(text))).toEqual([
      false,
      true,
      true,
      false,
    ])
  })
})
