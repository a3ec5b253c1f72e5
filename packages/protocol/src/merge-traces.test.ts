import { describe, expect, it } from 'vitest'
import { block } from '../test/trace-block.ts'
import { mergeTraces } from './merge-traces.ts'
import { encodeTrace } from './trace.ts'

const packed = (rows: Parameters<typeof block>[0]) => encodeTrace(block(rows))

describe(mergeTraces, () => {
  it('puts windows together in order of arrival, with what is held at the end', () => {
    const first = packed([
      { arrival: -5, hold: 10 },
      { arrival: 900, hold: 50, caller: 3 },
    ])
    // It asked 200 ms before its window began: between the two of the first window and the end of it.
    const second = packed([
      { arrival: 10, hold: Number.NaN, wait: 7 },
      { arrival: -200, hold: 600 },
    ])
    const merged = mergeTraces(
      [
        { fromMs: 5000, bytes: first },
        { fromMs: 6000, bytes: second },
      ],
      [1500, 3000, 100, 1500],
    )
    expect(merged.windowMs).toBe(2000)
    // The one held for 3 s began before the trace, as did the first.
    expect([...merged.arrivalMs]).toEqual([500, 500, 800, 900, 1010, 1900])
    // Durations are kept within 1.1 %.
    const holds = [1500, 1500, 600, 50, Number.NaN, 100]
    for (const [i, hold] of holds.entries()) {
      if (Number.isNaN(hold)) expect(merged.holdMs[i]).toBeNaN()
      else expect((merged.holdMs[i] ?? 0) / hold).toBeCloseTo(1, 1)
    }
    expect(merged.waitMs[4]).toBeCloseTo(7, 0)
    expect(merged.inFlight).toEqual([0, 1, 5])
    expect([...merged.caller]).toEqual([0, 0, 0, 3, 0, 0])
  })

  it.each([
    ['settled nearly in order of arrival', 5],
    ['settled long after they asked', 900],
  ])('keeps those that asked at the same time as they come, %s', (_, furthest) => {
    let state = 1
    const draw = (below: number) => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      return Math.floor((state / 2 ** 32) * below)
    }
    let caller = 0
    const windows = Array.from({ length: 5 }, (_, index) => ({
      fromMs: index * 1000,
      rows: Array.from({ length: 400 }, (_, i) => {
        caller++
        return { arrival: Math.max(-index * 1000, Math.floor(i * 2.5) - draw(furthest)), hold: 5, caller }
      }),
    }))
    const merged = mergeTraces(
      windows.map(({ fromMs, rows }) => ({ fromMs, bytes: packed(rows) })),
      [],
    )
    const plain = windows
      .flatMap(({ fromMs, rows }) => rows.map((row) => ({ ...row, arrival: row.arrival + fromMs })))
      .sort((a, b) => a.arrival - b.arrival)
    expect([...merged.arrivalMs]).toEqual(plain.map((row) => row.arrival))
    expect([...merged.caller]).toEqual(plain.map((row) => row.caller))
  })

  it('makes nothing of no windows', () => {
    expect(mergeTraces([], [5])).toMatchObject({ windowMs: 0, inFlight: [] })
  })
})
