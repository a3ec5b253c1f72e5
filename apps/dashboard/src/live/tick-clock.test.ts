import { describe, expect, it } from 'vitest'
import { RING_TICKS, TickClock } from './tick-clock.ts'

describe('TickClock', () => {
  it('takes a late timer for the next tick, and half a tick for the same one', () => {
    const clock = new TickClock()
    const first = clock.advance(10_000)?.tick as number
    expect(clock.advance(10_400)).toEqual({ tick: first, skipped: 0 })
    expect(clock.advance(11_800)).toEqual({ tick: first + 1, skipped: 0 })
  })
  it('leaves as many numbers free as ticks are missing', () => {
    const clock = new TickClock()
    const first = clock.advance(10_000)?.tick as number
    expect(clock.advance(14_000)).toEqual({ tick: first + 4, skipped: 3 })
    expect([1, 2, 3].map((gap) => clock.timeOf(first + gap))).toEqual([11_000, 12_000, 13_000])
  })
  it('keeps times over many laps, and none older than the ring', () => {
    const clock = new TickClock()
    for (let i = 0; i < RING_TICKS * 3; i++) clock.advance(10_000 + i * 1000)
    expect(clock.timeOf(clock.newest)).toBe(10_000 + (RING_TICKS * 3 - 1) * 1000)
    expect(clock.timeOf(clock.oldest)).toBe(10_000 + RING_TICKS * 2 * 1000)
    expect(clock.timeOf(clock.oldest - 1)).toBeNaN()
  })
  it('survives a gap longer than the ring', () => {
    const clock = new TickClock()
    clock.advance(10_000)
    clock.advance(10_000 + 5000 * 1000)
    expect(clock.timeOf(clock.oldest)).toBe(10_000 + (5000 - RING_TICKS + 1) * 1000)
  })
  it('refuses a time that went back', () => {
    const clock = new TickClock()
    clock.advance(10_000)
    expect(clock.advance(5000)).toBeNull()
  })
})

describe('tickAt', () => {
  it('finds the tick of a moment although the timer drifts', () => {
    const clock = new TickClock()
    const first = clock.advance(0)?.tick as number
    // A timer of 1004 ms is a whole tick behind after 250 of them.
    for (let i = 1; i <= 280; i++) clock.advance(i * 1004)
    for (const i of [0, 100, 200, 280]) expect(clock.tickAt(i * 1004)).toBe(first + i)
  })
  it('gives numbers to moments before the first tick, and none to the future or what left the ring', () => {
    const clock = new TickClock()
    const first = clock.advance(500_000)?.tick as number
    expect(clock.tickAt(499_010)).toBe(first - 1)
    expect(clock.timeOf(first - 1)).toBe(499_010)
    expect(clock.tickAt(502_000)).toBeNull()
    expect(clock.tickAt(500_000 - RING_TICKS * 1000)).toBeNull()
  })
})
