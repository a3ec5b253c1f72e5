import { describe, expect, it } from 'vitest'
import { block } from '../test/trace-block.ts'
import { decodeTrace, encodeTrace, TRACE_LIMITS, type TraceBlock, traceHeader } from './trace.ts'

/** Traffic of 500 a second with holds of some 20 ms, from a fixed series. */
function traffic(n: number, caller: boolean): TraceBlock {
  const draw = (i: number) => ((i * 7919) % 1000) / 1000 + 0.0005
  return block(
    Array.from({ length: n }, (_, i) => ({
      arrival: i * 2 + draw(i),
      hold: -Math.log(draw(i + 1)) * 20,
      caller: caller ? i + 1 : 0,
    })),
  )
}

describe(encodeTrace, () => {
  it('takes about three bytes a checkout, four with callers', () => {
    expect(encodeTrace(traffic(5000, false)).length / 5000).toBeLessThan(3.2)
    expect(encodeTrace(traffic(5000, true)).length / 5000).toBeLessThan(4.2)
  })

  it.each([
    ['an arrival', { arrival: Number.NaN, hold: 1 }],
    ['a wait', { arrival: 0, wait: -1, hold: 1 }],
    ['a hold', { arrival: 0, hold: TRACE_LIMITS.durationMs + 1 }],
  ])('refuses %s out of range', (_, row) => {
    expect(() => encodeTrace(block([row]))).toThrow(RangeError)
  })
})

describe(decodeTrace, () => {
  it('gives back arrivals to 0.1 ms, durations within 1.1 %, and who gave up, still holds, and asked', () => {
    const original = {
      ...block([
        { arrival: -350.04, hold: 400, caller: 9 },
        { arrival: 12.34, wait: 5, hold: 20.5, caller: 4_000_000_000 },
        { arrival: 12.34, wait: 1000, hold: Number.NaN },
        { arrival: 990, wait: 0.3, hold: 10, caller: 9 },
        { arrival: 991, hold: 0 },
      ]),
      inFlight: [3],
    }
    const decoded = decodeTrace(encodeTrace(original))
    expect([...decoded.caller]).toEqual([...original.caller])
    expect(decoded.inFlight).toEqual([3])
    expect(decoded.windowMs).toBe(1000)
    decoded.arrivalMs.forEach((ms, i) => {
      expect(Math.abs(ms - (original.arrivalMs[i] ?? 0))).toBeLessThanOrEqual(0.05 + 1e-9)
    })
    expect(decoded.holdMs[2]).toBeNaN()
    for (const column of ['waitMs', 'holdMs'] as const) {
      decoded[column].forEach((ms, i) => {
        const was = original[column][i] ?? 0
        if (!Number.isNaN(was)) expect(Math.abs(ms - was)).toBeLessThanOrEqual(was * 0.011)
      })
    }
  })

  it('refuses every cut of a trace, and what goes on after its end', () => {
    const bytes = encodeTrace(traffic(20, true))
    for (let end = 0; end < bytes.length; end++) {
      expect(() => decodeTrace(bytes.subarray(0, end))).toThrow(RangeError)
    }
    expect(() => decodeTrace(new Uint8Array([...bytes, 0]))).toThrow(/goes on for 1 bytes/)
  })

  it('refuses more checkouts than are accepted, and a count that its bytes cannot hold', () => {
    expect(() => decodeTrace(encodeTrace(traffic(20, false)), 19)).toThrow(/cannot hold 20/)
    // version 1, no flags, window 0, 2 097 151 checkouts
    expect(() => decodeTrace(new Uint8Array([1, 0, 0, 255, 255, 127]))).toThrow(/cannot hold 2097151/)
  })

  it('never gives numbers out of range for bytes of any kind', () => {
    let state = 1
    const random = () => {
      state = (state * 1103515245 + 12345) % 2 ** 31
      return state
    }
    let refused = 0
    for (let round = 0; round < 2000; round++) {
      const bytes = encodeTrace(traffic(10, round % 2 === 0))
      bytes[random() % bytes.length] = random() % 256
      try {
        const { arrivalMs, waitMs, holdMs } = decodeTrace(bytes)
        for (const ms of [...waitMs, ...holdMs]) {
          expect(Number.isNaN(ms) || (ms >= 0 && ms <= TRACE_LIMITS.durationMs * 1.02)).toBe(true)
        }
        for (const ms of arrivalMs) expect(Math.abs(ms)).toBeLessThanOrEqual(TRACE_LIMITS.durationMs)
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError)
        refused++
      }
    }
    expect(refused).toBeGreaterThan(100)
  })
})

describe(traceHeader, () => {
  it('says how long and how many', () => {
    expect(traceHeader(encodeTrace(traffic(7, false)))).toEqual({ windowMs: 1000, checkouts: 7 })
    expect(() => traceHeader(new Uint8Array([9]))).toThrow(/version 9/)
  })
})
