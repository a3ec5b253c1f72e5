import { describe, expect, it } from 'vitest'
import { Backoff, verdictOf } from './backoff.ts'

const answer = (status: number, retryAfterMs: number | null = null) => ({ status, retryAfterMs, body: '' })
/** 1 has no jitter, 0 the most. */
const without = () => 1
const most = () => 0

describe(Backoff, () => {
  it('waits a second after each success', () => {
    const backoff = new Backoff(without)
    expect([backoff.after(answer(202)), backoff.after(answer(200))]).toEqual([1000, 1000])
  })

  it('doubles up to half a minute while nobody answers, and begins anew after a success', () => {
    const backoff = new Backoff(without)
    expect(Array.from({ length: 7 }, () => backoff.after(null))).toEqual([
      2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000,
    ])
    backoff.after(answer(202))
    expect(backoff.after(answer(503))).toBe(2000)
  })

  it('takes off up to half as jitter, and never asks more than once a second', () => {
    const backoff = new Backoff(most)
    expect([backoff.after(null), backoff.after(null), backoff.after(null)]).toEqual([1000, 2000, 4000])
  })

  it('waits as long as the agent asks it to, at most ten minutes', () => {
    const backoff = new Backoff(without)
    expect(backoff.after(answer(429, 45_000))).toBe(45_000)
    expect(backoff.after(answer(503, 1e9))).toBe(600_000)
  })

  it('waits a minute when it is refused', () => {
    for (const status of [400, 401, 403, 404, 413, 301])
      expect(new Backoff(without).after(answer(status))).toBe(60_000)
  })
})

describe(verdictOf, () => {
  it('keeps what may be taken later, and gives up what would be refused again', () => {
    expect([200, 202].map((status) => verdictOf(answer(status)))).toEqual(['delivered', 'delivered'])
    expect([401, 403, 408, 429, 500, 503].map((status) => verdictOf(answer(status)))).toEqual(
      Array(6).fill('again'),
    )
    expect([301, 400, 404, 413, 415].map((status) => verdictOf(answer(status)))).toEqual(
      Array(5).fill('refused'),
    )
    expect(verdictOf(null)).toBe('again')
  })
})
