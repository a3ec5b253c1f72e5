import { REPORT_LIMITS } from '@poolscope/protocol'
import { describe, expect, it } from 'vitest'
import { captureStack, formatStack, framesOf, STACK_LIMITS, StackSampler } from './stack.ts'

const ROOT = '/srv/shop/'

describe(framesOf, () => {
  it('keeps the application’s frames, innermost first, relative to the working directory', () => {
    const text = `Error
    at Pool.query (/srv/shop/node_modules/pg-pool/index.js:1:2)
    at findOrder (file:///srv/shop/src/orders.ts:42:18)
    at async OrderRoute.handle (/srv/shop/src/routes/order.ts:7:3)
    at /srv/shop/src/main.ts:9:1
    at Object.<anonymous> (/opt/shared/run.js:3:4)
    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)
    at new Promise (<anonymous>)`
    expect(framesOf(text, ROOT, null)).toEqual([
      'findOrder (src/orders.ts:42:18)',
      'OrderRoute.handle (src/routes/order.ts:7:3)',
      '<anonymous> (src/main.ts:9:1)',
      'Object.<anonymous> (/opt/shared/run.js:3:4)',
    ])
  })

  it('leaves out the probe’s own frames', () => {
    const text = '\n    at connect (/opt/probe/pg/connect.js:1:2)\n    at mine (/srv/shop/a.js:1:2)'
    expect(framesOf(text, ROOT, '/opt/probe/')).toEqual(['mine (a.js:1:2)'])
  })

  it('stays within the bounds of a report', () => {
    expect(STACK_LIMITS).toEqual({
      frames: REPORT_LIMITS.stackFrames,
      frameLength: REPORT_LIMITS.frameLength,
    })
    const line = `    at ${'f'.repeat(500)} (/srv/shop/a.js:1:2)\n`
    const frames = framesOf(line.repeat(40), ROOT, null)
    expect(frames.length).toBe(16)
    expect(frames.every((frame) => frame.length === 300)).toBe(true)
  })
})

describe(captureStack, () => {
  it('remembers who called, and leaves the limit as it was', () => {
    const limit = Error.stackTraceLimit
    const asks = () => captureStack(captureStack)
    expect(formatStack(asks() ?? {})[0]).toMatch(
      /^asks \(packages\/probe\/src\/core\/stack\.test\.ts:\d+:\d+\)$/,
    )
    expect(Error.stackTraceLimit).toBe(limit)
  })

  it('answers an empty list where there is no stack to read', () => {
    expect(formatStack({})).toEqual([])
    expect(formatStack({ stack: 7 })).toEqual([])
  })
})

describe(StackSampler, () => {
  const count = (sampler: StackSampler, times: number) => {
    let taken = 0
    for (let i = 0; i < times; i++) if (sampler.next()) taken++
    return taken
  }

  it('takes the first sixteen after each report and then one in so many', () => {
    const sampler = new StackSampler(64)
    expect(count(sampler, 16)).toBe(16)
    // 64,000 in gaps of 1 to 127, 64 on average: 1,000, give or take 18 a standard deviation.
    const taken = count(sampler, 64_000)
    expect(taken).toBeGreaterThan(890)
    expect(taken).toBeLessThan(1110)
    sampler.refill(0)
    expect(count(sampler, 16)).toBe(16)
  })

  it('takes all with 1 and none with 0', () => {
    expect(count(new StackSampler(1), 1000)).toBe(1000)
    const none = new StackSampler(0)
    none.refill(0)
    expect(count(none, 1000)).toBe(0)
  })

  it('captures all for a while when asked to, and then no more than before', () => {
    const sampler = new StackSampler(64, () => 0.5)
    count(sampler, 16)
    sampler.captureAll(2000, 0)
    expect(count(sampler, 1000)).toBe(1000)
    sampler.refill(1000)
    expect(count(sampler, 1000)).toBe(1000)
    sampler.refill(2000)
    expect(count(sampler, 16 + 64)).toBe(17)
  })

  it('captures all for a minute at most, and none where none are wanted', () => {
    const sampler = new StackSampler(64, () => 0.5)
    sampler.captureAll(Number.MAX_VALUE, 0)
    sampler.refill(59_999)
    expect(count(sampler, 500)).toBe(500)
    sampler.refill(60_000)
    expect(count(sampler, 16 + 64)).toBe(17)
    const none = new StackSampler(0)
    none.captureAll(2000, 0)
    expect(count(none, 1000)).toBe(0)
  })
})
