import { describe, expect, it } from 'vitest'
import { block } from '../test/trace-block.ts'
import { mergeTraces } from './merge-traces.ts'

describe(mergeTraces, () => {
  it('puts windows together in order of arrival, with what is held at the end', () => {
    const first = block([
      { arrival: -5, hold: 10 },
      { arrival: 900, hold: 50, caller: 3 },
    ])
    // It asked 200 ms before its window began: between the two of the first window and the end of it.
    const second = block([
      { arrival: 10, hold: Number.NaN, wait: 7 },
      { arrival: -200, hold: 600 },
    ])
    const merged = mergeTraces(
      [
        { fromMs: 5000, block: first },
        { fromMs: 6000, block: second },
      ],
      [1500, 3000],
    )
    expect(merged.windowMs).toBe(2000)
    // The one held for 3 s began before the trace, as did the first.
    expect([...merged.arrivalMs]).toEqual([500, 800, 900, 1010])
    expect([...merged.holdMs]).toEqual([1500, 600, 50, Number.NaN])
    expect(merged.inFlight).toEqual([0])
    expect([...merged.caller]).toEqual([0, 0, 3, 0])
  })
})
