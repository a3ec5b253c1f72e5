import { describe, expect, it } from 'vitest'
import { maxWishesOf, wishesOf } from './reply.ts'

describe(wishesOf, () => {
  it('takes the pools whose stacks are asked for', () => {
    const wish = { system: 'postgresql', name: 'orders', forMs: 30_000 }
    expect(wishesOf(JSON.stringify({ accepted: 1, dropped: 0, captureStacks: [wish] }))).toEqual([wish])
  })

  it.each([
    '',
    '{"accepted":1}',
    '{"captureStacks"',
    '{"captureStacks":7}',
    '{"captureStacks":[null, {"name":"a"}, {"system":"http","name":"a","forMs":-1}]}',
  ])('asks for nothing when it is told %j', (body) => {
    expect(wishesOf(body)).toEqual([])
  })
})

describe(maxWishesOf, () => {
  it('takes the pools whose limit is to change', () => {
    const wish = { system: 'postgresql', name: 'orders', max: 20, forMs: 30_000 }
    expect(maxWishesOf(JSON.stringify({ accepted: 1, dropped: 0, setMax: [wish] }))).toEqual([wish])
  })

  it.each(['{"setMax"', '{"setMax":[{"system":"http","name":"a","forMs":1}, {"max":3}]}', 'setMax'])(
    'changes nothing when it is told %j',
    (body) => {
      expect(maxWishesOf(body)).toEqual([])
    },
  )
})
