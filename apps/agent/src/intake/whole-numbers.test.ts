import { Ajv } from 'ajv'
import { describe, expect, it } from 'vitest'
import { checkWholeNumbersAtOnce } from './whole-numbers.ts'

const schema = {
  type: 'object',
  properties: {
    counts: { type: 'array', items: { type: 'integer', minimum: 0, maximum: 9 }, maxItems: 3 },
    pids: { type: 'array', items: { type: 'integer', minimum: 1, description: 'without a largest' } },
    names: { type: 'array', items: { type: 'string' } },
  },
}

describe(checkWholeNumbersAtOnce, () => {
  const single = new Ajv().compile(schema)
  const atOnce = checkWholeNumbersAtOnce(new Ajv()).compile(schema)

  it.each([
    [{ counts: [] }, true],
    [{ counts: [0, 9, 5], pids: [2 ** 53], names: ['a'] }, true],
    [{ counts: [1, -1] }, false],
    [{ counts: [10] }, false],
    [{ counts: [1, 2.5, 3] }, false],
    [{ counts: [1, '2'] }, false],
    [{ counts: [null] }, false],
    [{ counts: [[1]] }, false],
    [{ counts: 1 }, false],
    [{ counts: [1, 2, 3, 4] }, false],
    [{ counts: [1], pids: [0] }, false],
    [{ names: ['a', 1] }, false],
  ])('says of %j what a validator says that looks at each number by itself', (value, fits) => {
    expect([single(value), atOnce(value)]).toEqual([fits, fits])
    expect(atOnce.errors).toEqual(single.errors)
  })
})
