import { describe, expect, it } from 'vitest'
import { SampleInterval } from './sample-interval.ts'

function after(...costsMs: number[]): number {
  const interval = new SampleInterval()
  for (const costMs of costsMs) interval.took(costMs)
  return interval.ms
}

describe(SampleInterval, () => {
  it('is one second for the first samples and while samples cost little', () => {
    expect(after()).toBe(1000)
    expect(after(900, 900)).toBe(1000)
    expect(after(0, 1, 5, 5, 5)).toBe(1000)
  })

  it('keeps samples to half a percent of the time', () => {
    // 15 ms / 0.005 = 3,000 ms
    expect(after(15, 15, 15, 15, 15)).toBe(3000)
  })

  it('is at most a minute', () => {
    expect(after(1000, 1000, 1000)).toBe(60_000)
  })

  it('opens no gap for one slow sample, or two', () => {
    expect(after(2, 2, 500, 2, 2)).toBe(1000)
    expect(after(2, 500, 500, 2, 2)).toBe(1000)
  })

  it('forgets what is five samples old', () => {
    expect(after(500, 500, 500, 500, 500, 2, 2, 2)).toBe(1000)
  })

  it('doubles when a sample times out, and gives a tenth back with each good one', () => {
    const interval = new SampleInterval()
    interval.timedOut()
    expect(interval.ms).toBe(2000)
    interval.timedOut()
    expect(interval.ms).toBe(4000)
    interval.took(1)
    expect(interval.ms).toBe(3600)
    // 3,600 * 0.9^n falls below 1,000 at n = 13: 3,600 * 0.2542 = 915
    for (let i = 0; i < 13; i++) interval.took(1)
    expect(interval.ms).toBe(1000)
  })

  it('stays at a minute however often a sample times out', () => {
    const interval = new SampleInterval()
    for (let i = 0; i < 20; i++) interval.timedOut()
    expect(interval.ms).toBe(60_000)
  })
})
