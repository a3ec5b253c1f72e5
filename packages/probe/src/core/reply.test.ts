import { describe, expect, it } from 'vitest'
import { wishesOf } from './reply.ts'

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
