import { decodeTrace, REPORT_LIMITS, TRACE_LIMITS } from '@poolscope/protocol'
import { describe, expect, it } from 'vitest'
import { TRACE_BOUNDS, TraceLog } from './trace-log.ts'

const decoded = (trace: { data: string } | null) =>
  trace === null ? null : decodeTrace(Buffer.from(trace.data, 'base64'), TRACE_LIMITS.blockCheckouts)

describe(TraceLog, () => {
  it('packs what the protocol unpacks', () => {
    const log = new TraceLog(1000)
    log.add(990, 0, 25, 0)
    log.add(1200.5, 3, 20, 7)
    log.add(1300, 500, Number.NaN, 0)
    const trace = log.collect(2000)
    const block = decoded(trace)
    expect(trace?.fromMs).toBe(1000)
    expect(block?.windowMs).toBe(1000)
    expect([...(block?.arrivalMs ?? [])]).toEqual([-10, 200.5, 300])
    expect([...(block?.caller ?? [])]).toEqual([0, 7, 0])
    expect(block?.holdMs[0]).toBeCloseTo(25, 0)
    expect(block?.waitMs[1]).toBeCloseTo(3, 1)
    expect(block?.waitMs[2]).toBeGreaterThan(494)
    expect(block?.holdMs[2]).toBeNaN()
  })

  it('goes on without a gap where it was last asked', () => {
    const log = new TraceLog(0)
    log.add(10, 0, 5, 0)
    expect(decoded(log.collect(2000))?.arrivalMs).toHaveLength(1)
    log.add(2005, 0, 5, 0)
    const next = log.collect(3000)
    expect(next?.fromMs).toBe(2000)
    expect([...(decoded(next)?.arrivalMs ?? [])]).toEqual([5])
  })

  it('keeps nothing of a pool with more than 5 000 a second, and begins again when it is slower', () => {
    const log = new TraceLog(0)
    for (let i = 0; i < 5001; i++) log.add(i / 6, 0, 1, 0)
    expect(log.collect(1000)).toBeNull()
    log.add(1500, 0, 1, 0)
    expect(decoded(log.collect(2000))?.arrivalMs).toHaveLength(1)
  })

  it('keeps nothing of a window in which more were settled than it holds, or one unseen', () => {
    const full = new TraceLog(0)
    for (let i = 0; i <= TRACE_BOUNDS.checkouts; i++) full.add(i, 0, 1, 0)
    expect(full.collect(10_000)).toBeNull()
    const torn = new TraceLog(0)
    torn.add(1, 0, 1, 0)
    torn.tear()
    torn.add(2, 0, 1, 0)
    expect(torn.collect(1000)).toBeNull()
  })

  it('has the bounds of the protocol, and never writes more than it takes', () => {
    expect(TRACE_BOUNDS.checkouts).toBe(TRACE_LIMITS.blockCheckouts)
    expect(TRACE_BOUNDS.windowMs).toBe(TRACE_LIMITS.durationMs)
    const log = new TraceLog(0)
    for (let i = 0; i < TRACE_BOUNDS.checkouts; i++) {
      log.add(i % 2 === 0 ? 0 : 80_000_000, 80_000_000, 80_000_000, i % 2 === 0 ? 0xffff_ffff : 1)
    }
    const trace = log.collect(80_000_000)
    expect(trace?.data.length).toBeLessThan(REPORT_LIMITS.traceLength)
    expect(decoded(trace)?.arrivalMs).toHaveLength(TRACE_BOUNDS.checkouts)
  })
})
