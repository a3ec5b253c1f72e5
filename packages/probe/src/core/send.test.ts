import { describe, expect, it } from 'vitest'
import { pays, retryAfterMs } from './send.ts'

describe(pays, () => {
  it('is for large bodies on their way to another machine', () => {
    expect(pays(9000, 'agent.example')).toBe(true)
    expect(pays(8000, 'agent.example')).toBe(false)
    for (const host of ['localhost', '127.0.0.1', '127.1.2.3', '[::1]']) expect(pays(1e6, host)).toBe(false)
  })
})

describe(retryAfterMs, () => {
  it('reads seconds and dates, and nothing else', () => {
    const now = Date.parse('Wed, 21 Oct 2026 07:28:00 GMT')
    expect(retryAfterMs('30', now)).toBe(30_000)
    expect(retryAfterMs('Wed, 21 Oct 2026 07:28:10 GMT', now)).toBe(10_000)
    expect(retryAfterMs('Wed, 21 Oct 2026 07:27:00 GMT', now)).toBe(0)
    expect([undefined, '', 'soon'].map((header) => retryAfterMs(header, now))).toEqual([null, null, null])
  })
})
