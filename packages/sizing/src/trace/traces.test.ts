import { describe, expect, it } from 'vitest'
import { detectClosedLoop } from './closed-loop.ts'
import { concurrencyOf, spearman } from './concurrency.ts'
import { flowsOfCallers } from './flows.ts'
import { imputedHolds } from './impute.ts'
import { orderOf } from './order.ts'
import { randomFrom } from './random.ts'
import { checkTrace, lastOf, type Trace } from './trace.ts'

function trace(
  rows: readonly { arrival: number; wait?: number; hold: number; caller?: number }[],
  more: Partial<Trace> = {},
): Trace {
  return {
    arrivalMs: Float64Array.from(rows, (row) => row.arrival),
    waitMs: Float64Array.from(rows, (row) => row.wait ?? 0),
    holdMs: Float64Array.from(rows, (row) => row.hold),
    caller: Uint32Array.from(rows, (row) => row.caller ?? 0),
    inFlight: [],
    windowMs: 1000,
    ...more,
  }
}

describe(imputedHolds, () => {
  it('gives who gave up a hold of those before, and who still holds one longer than its age', () => {
    const rows = [
      { arrival: 0, hold: 10 },
      { arrival: 1, hold: 12 },
      { arrival: 2, hold: Number.NaN },
      { arrival: 3, hold: 80 },
      { arrival: 960, hold: 40 },
    ]
    const [first, second, gaveUp, , open] = imputedHolds(trace(rows, { inFlight: [4] }))
    expect([first, second]).toEqual([10, 12])
    expect([10, 12]).toContain(gaveUp)
    // The only completed hold above 40 ms
    expect(open).toBe(80)
  })

  it('keeps an age where nothing longer was completed', () => {
    expect([...imputedHolds(trace([{ arrival: 0, hold: 500 }], { inFlight: [0] }))]).toEqual([500])
  })
})

describe(flowsOfCallers, () => {
  it('lets a checkout follow the last one of its caller that was done, side by side ones the same', () => {
    const rows = [
      { arrival: 0, wait: 5, hold: 20, caller: 1 },
      { arrival: 27, hold: 50, caller: 1 },
      { arrival: 28, hold: 10, caller: 1 },
      { arrival: 29, hold: 10, caller: 2 },
      { arrival: 100, hold: 5, caller: 1 },
    ]
    const flows = flowsOfCallers(trace(rows), new Float64Array(5))
    // Both of 27 and 28 follow the first, done at 25; that of 100 the last that was asked for before, done at 38.
    expect([...(flows?.parent ?? [])]).toEqual([-1, 0, 0, -1, 2])
    expect([...(flows?.gapMs ?? [])]).toEqual([0, 2, 3, 29, 62])
  })

  it('is null where nobody follows anybody', () => {
    expect(flowsOfCallers(trace([{ arrival: 0, hold: 1, caller: 1 }]), new Float64Array(1))).toBeNull()
  })
})

describe(concurrencyOf, () => {
  it('counts who held while who else did', () => {
    // Held: one from 0, two from 10 to 20, one until 40
    const { peak, heldAtStart, timeRatio, moments } = concurrencyOf(
      trace([
        { arrival: 0, hold: 20 },
        { arrival: 5, wait: 5, hold: 30 },
      ]),
    )
    expect(peak).toBe(2)
    expect([...heldAtStart]).toEqual([1, 2])
    // 0 to 10 one, 10 to 20 two, 20 to 40 one
    expect([...timeRatio]).toEqual([0, 30 / 40, 10 / 40])
    // In order of who had asked of late, itself among them, or of who held: the first lies in the lower half of 16 groups, the second in the upper.
    expect(moments()).toHaveLength(2)
    for (const { width, within, started, holdVariation } of moments()) {
      const groups = [...started.keys()].filter((group) => started[group] === 1)
      expect(groups).toEqual([4, 12])
      // The first: 10 ms alone, 10 ms as two. The second: 10 ms as two, 20 ms alone.
      const rows = groups.map((group) => [...within.slice(group * width, (group + 1) * width)])
      expect(rows).toEqual([
        [0, 10, 10],
        [0, 20, 10],
      ])
      // 20² + 30² = 1300, mean 25
      expect(holdVariation).toBeCloseTo(1300 / 2 / 625 - 1)
    }
  })
})

describe(spearman, () => {
  it('is 1 for what rises together, -1 for what falls, 0 where nothing varies', () => {
    expect(spearman([1, 2, 3], [10, 20, 90])).toBeCloseTo(1)
    expect(spearman([1, 2, 3], [9, 4, 1])).toBeCloseTo(-1)
    expect(spearman([1, 2, 3], [5, 5, 5])).toBe(0)
    // ranks 1, 2.5, 2.5, 4 and 1, 3, 2, 4: 4.5 / sqrt(4.5 * 5)
    expect(spearman([1, 2, 2, 3], [1, 3, 2, 4])).toBeCloseTo(0.9487, 4)
  })
})

describe(detectClosedLoop, () => {
  it('takes bursts for no loop, nor nothing', () => {
    const random = randomFrom(4)
    const rows: { arrival: number; hold: number }[] = []
    for (let t = 0; t < 60_000; ) {
      const high = Math.floor(t / 700) % 2 === 0
      t += -Math.log(1 - random()) * (high ? 2 : 8)
      if (t < 60_000) rows.push({ arrival: t, hold: -Math.log(1 - random()) * 20 })
    }
    expect(detectClosedLoop(trace(rows, { windowMs: 60_000 }))).toBeNull()
    expect(detectClosedLoop(trace([], { windowMs: 0 }))).toBeNull()
  })
})

describe(lastOf, () => {
  it('is the end of a trace, its times counted from there', () => {
    const whole = trace(
      [
        { arrival: 100, hold: 1 },
        { arrival: 600, hold: 2 },
        { arrival: 900, hold: 50 },
      ],
      { inFlight: [2] },
    )
    const last = lastOf(whole, 500)
    expect([...last.arrivalMs]).toEqual([100, 400])
    expect(last).toMatchObject({ windowMs: 500, inFlight: [1] })
    expect(checkTrace(last)).toBe(last)
    expect(() => checkTrace({ ...whole, inFlight: [3] })).toThrow(/inFlight/)
  })
})

describe(orderOf, () => {
  it('sorts what is nearly in order and what is not, equal values as they come', () => {
    const random = randomFrom(5)
    for (const furthest of [3, 2000]) {
      const values = Float64Array.from({ length: 2000 }, (_, i) => Math.floor(i + random() * furthest))
      const plain = [...values.keys()].sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0) || a - b)
      expect([...orderOf(values)]).toEqual(plain)
    }
  })
})
