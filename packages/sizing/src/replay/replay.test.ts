import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { randomFrom } from '../trace/random.ts'
import { lastOf, type Trace, type TracedPool } from '../trace/trace.ts'
import { createReplay, replay } from './replay.ts'

const pool: TracedPool = { size: 8, acquireTimeoutMs: 1000, idleTimeoutMs: null, min: 0, connectMs: 2 }

type Asks = { caller: number; atMs: number; workMs: number; later: { gapMs: number; workMs: number }[] }

/**
 * A pool lived through in steps of 0.1 ms, the plain way, as something to compare with: callers that ask in turn, and
 * holds that slow each other down.
 */
function live(asks: readonly Asks[], size: number, speed: (n: number) => number, seconds: number): Trace {
  const stepMs = 0.1
  type Checkout = {
    caller: number
    askMs: number
    waitMs: number
    startMs: number
    left: number
    later: Asks['later']
  }
  const coming = asks.map((ask) => ({ ...ask })).sort((a, b) => b.atMs - a.atMs)
  const queue: Checkout[] = []
  let held: Checkout[] = []
  const rows: { arrival: number; wait: number; hold: number; caller: number }[] = []
  for (let now = 0; now < seconds * 1000; now += stepMs) {
    const rate = speed(held.length) * stepMs
    for (const one of held) one.left -= rate
    for (const one of held.filter((checkout) => checkout.left <= 0)) {
      rows.push({ arrival: one.askMs, wait: one.waitMs, hold: now - one.startMs, caller: one.caller })
      const [next, ...rest] = one.later
      if (next !== undefined) {
        const atMs = now + next.gapMs
        const place = coming.findIndex((ask) => ask.atMs <= atMs)
        coming.splice(place < 0 ? coming.length : place, 0, {
          caller: one.caller,
          atMs,
          workMs: next.workMs,
          later: rest,
        })
      }
    }
    held = held.filter((checkout) => checkout.left > 0)
    for (let ask = coming.at(-1); ask !== undefined && ask.atMs <= now; ask = coming.at(-1)) {
      coming.pop()
      queue.push({
        caller: ask.caller,
        askMs: now,
        waitMs: 0,
        startMs: 0,
        left: ask.workMs,
        later: ask.later,
      })
    }
    while (held.length < size) {
      const one = queue.shift()
      if (one === undefined) break
      one.startMs = now
      one.waitMs = now - one.askMs
      held.push(one)
    }
  }
  rows.sort((a, b) => a.arrival - b.arrival)
  return {
    arrivalMs: Float64Array.from(rows, (row) => row.arrival),
    waitMs: Float64Array.from(rows, (row) => row.wait),
    holdMs: Float64Array.from(rows, (row) => row.hold),
    caller: Uint32Array.from(rows, (row) => row.caller),
    inFlight: [],
    windowMs: seconds * 1000,
  }
}

const alone = () => 1

function poissonAsks(perSec: number, meanMs: number, seconds: number, steps: number, seed = 5): Asks[] {
  const random = randomFrom(seed)
  const exponential = (mean: number) => -Math.log(1 - random()) * mean
  const asks: Asks[] = []
  for (let t = 0; t < seconds * 1000; t += exponential(1000 / perSec)) {
    const later = Array.from({ length: steps - 1 }, () => ({
      gapMs: exponential(2),
      workMs: exponential(meanMs),
    }))
    asks.push({ caller: asks.length + 1, atMs: t, workMs: exponential(meanMs), later })
  }
  return asks
}

function p95(trace: Trace, column: (i: number) => number): number {
  const sorted = Array.from(trace.waitMs, (_, i) => column(i)).sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length * 0.95)] ?? 0
}

function anonymous(trace: Trace): Trace {
  return { ...trace, caller: new Uint32Array(trace.caller.length) }
}

describe(replay, () => {
  it('predicts another size of independent traffic', () => {
    const asks = poissonAsks(250, 20, 60, 1)
    const prediction = replay(live(asks, 12, alone, 60), { ...pool, size: 12 })
    expect(prediction.callers).toBe('independent')
    expect(prediction.contention.verdict).toBe('none')
    const real = live(asks, 6, alone, 60)
    const six = prediction.sizes.find((size) => size.size === 6)
    const measured = p95(real, (i) => real.waitMs[i] ?? 0)
    expect(Math.abs((six?.waitMs?.p95 ?? 0) - measured)).toBeLessThan(0.05 * measured + 1)
  })

  it('predicts callers that ask in turn by their ids', () => {
    const asks = poissonAsks(60, 20, 30, 4)
    const prediction = replay(live(asks, 7, alone, 30), { ...pool, size: 7 })
    expect(prediction.callers).toBe('callers')
    const real = live(asks, 6, alone, 60)
    const measured = p95(real, (i) => real.waitMs[i] ?? 0)
    const six = prediction.sizes.find((size) => size.size === 6)
    expect(Math.abs((six?.waitMs?.p95 ?? 0) - measured)).toBeLessThan(0.1 * measured + 1)
  })

  it('sees a closed loop without ids and predicts a smaller pool of it', () => {
    const random = randomFrom(9)
    const exponential = (mean: number) => -Math.log(1 - random()) * mean
    const asks = Array.from({ length: 40 }, (_, i) => ({
      caller: i + 1,
      atMs: exponential(60),
      workMs: exponential(20),
      later: Array.from({ length: 900 }, () => ({ gapMs: exponential(60), workMs: exponential(20) })),
    }))
    const prediction = replay(anonymous(live(asks, 14, alone, 60)), { ...pool, size: 14 })
    expect(prediction.callers).toBe('closed loop')
    // 40 callers that think for 60 ms
    expect(prediction.loop?.callers).toBeGreaterThan(32)
    expect(prediction.loop?.callers).toBeLessThan(48)
    const real = live(asks, 8, alone, 60)
    const eight = prediction.sizes.find((size) => size.size === 8)
    const measured = p95(real, (i) => real.waitMs[i] ?? 0)
    expect(Math.abs((eight?.waitMs?.p95 ?? 0) - measured)).toBeLessThan(0.2 * measured)
  })

  it('finds holds that grow with the number held, and predicts the total of a smaller and of a bigger pool', () => {
    const contended = (n: number) => Math.min(1, (1 + 2.2 * Math.log(Math.max(1, n))) / Math.max(1, n))
    const asks = poissonAsks(230, 12, 60, 1)
    const prediction = replay(live(asks, 10, contended, 60), { ...pool, size: 10 })
    expect(prediction.contention).toMatchObject({ verdict: 'found' })
    for (const other of [6, 20]) {
      const real = live(asks, other, contended, 60)
      const total = (i: number) => (real.waitMs[i] ?? 0) + (real.holdMs[i] ?? 0)
      const predicted = prediction.sizes.find((size) => size.size === other)?.totalMs?.p95 ?? 0
      expect(Math.abs(predicted - p95(real, total))).toBeLessThan(0.25 * p95(real, total))
    }
    // Ten were the most that could be held: of more the trace tells nothing but a band.
    const untold = prediction.sizes.filter(({ identifiable }) => !identifiable)
    expect(untold[0]?.size).toBe(prediction.contention.peak + 1)
    expect(untold.every(({ totalP95BandMs }) => totalP95BandMs !== null)).toBe(true)
  })

  it('says that a full pool cannot tell, and gives a band beyond it', () => {
    const trace = live(poissonAsks(250, 20, 40, 1), 4, alone, 40)
    const prediction = replay(trace, { ...pool, size: 4 })
    expect(prediction.contention).toMatchObject({ verdict: 'not identifiable', reason: 'saturated' })
    expect(prediction.recommendation.reasons).toContainEqual({
      code: 'contention-not-identifiable',
      why: 'saturated',
    })
    const eight = prediction.sizes.find((size) => size.size === 8)
    expect(eight?.totalP95BandMs?.high).toBeGreaterThan(2 * (eight?.totalMs?.p95 ?? 0))
    expect(prediction.sizes.filter(({ identifiable }) => identifiable).at(-1)?.size).toBe(4)
    // Whatever it takes, the next step is at most half as many again.
    expect(prediction.recommendation.reasons).toContainEqual({ code: 'grow-in-steps', size: 6 })
  })

  it('recommends the smallest size that is as good as the best, with its reasons in numbers', () => {
    const { recommendation, sizes } = replay(live(poissonAsks(250, 20, 60, 1), 20, alone, 60), {
      ...pool,
      size: 20,
    })
    // 250 a second for 20 ms keep 5 busy; about twice that lets hardly anyone wait.
    expect(recommendation.size).toBeGreaterThanOrEqual(7)
    expect(recommendation.size).toBeLessThanOrEqual(11)
    expect(recommendation.kneeSize).toBeLessThanOrEqual(recommendation.size ?? 0)
    expect(recommendation.reasons.map((reason) => reason.code)).toContain('waits')
    expect(sizes.length).toBeGreaterThan(55)
  })

  it('has nothing to recommend for an empty trace', () => {
    const empty = live([], 4, alone, 1)
    expect(replay(empty, pool)).toMatchObject({ checkouts: 0, sizes: [], recommendation: { size: null } })
  })

  it('gives only finite numbers that are not negative, whatever it is given', () => {
    const row = fc.record({
      arrival: fc.double({ min: 0, max: 5000, noNaN: true }),
      wait: fc.double({ min: 0, max: 500, noNaN: true }),
      hold: fc.oneof(fc.constant(Number.NaN), fc.double({ min: 0, max: 3000, noNaN: true })),
      caller: fc.nat(5),
    })
    fc.assert(
      fc.property(fc.array(row, { maxLength: 60 }), fc.integer({ min: 1, max: 70 }), (rows, size) => {
        rows.sort((a, b) => a.arrival - b.arrival)
        const trace: Trace = {
          arrivalMs: Float64Array.from(rows, (r) => r.arrival),
          waitMs: Float64Array.from(rows, (r) => r.wait),
          holdMs: Float64Array.from(rows, (r) => r.hold),
          caller: Uint32Array.from(rows, (r) => r.caller),
          inFlight: rows.flatMap((r, i) => (i % 7 === 3 && !Number.isNaN(r.hold) ? [i] : [])),
          windowMs: 5000,
        }
        const everyNumber = (value: unknown): boolean =>
          typeof value === 'number'
            ? Number.isFinite(value) && value >= 0
            : typeof value !== 'object' || value === null || Object.values(value).every(everyNumber)
        const { contention, ...rest } = replay(trace, { ...pool, size, idleTimeoutMs: 300 })
        expect(everyNumber(rest)).toBe(true)
        expect(contention.z === null || Number.isFinite(contention.z)).toBe(true)
      }),
      { numRuns: 40 },
    )
  })

  it('refuses a trace that it cannot rely on, and names the place', () => {
    const trace = live(poissonAsks(100, 10, 1, 1), 4, alone, 1)
    const broken = { ...trace, arrivalMs: trace.arrivalMs.slice().reverse() }
    expect(() => replay(broken, pool)).toThrow(/arrivalMs\[1\] must rise/)
    expect(() => replay({ ...trace, waitMs: new Float64Array(1) }, pool)).toThrow(/waitMs must be as long/)
    expect(() => replay(trace, { ...pool, connectMs: Number.NaN })).toThrow(/connectMs/)
  })
})

describe(createReplay, () => {
  const trace = (() => {
    const random = randomFrom(1)
    const n = 60_000
    const arrivalMs = new Float64Array(n)
    for (let i = 1; i < n; i++) arrivalMs[i] = (arrivalMs[i - 1] ?? 0) - Math.log(1 - random()) * 10
    const holdMs = arrivalMs.map(() => -Math.log(1 - random()) * 40)
    const windowMs = (arrivalMs[n - 1] ?? 0) + 1
    return {
      arrivalMs,
      holdMs,
      waitMs: new Float64Array(n),
      caller: new Uint32Array(n),
      inFlight: [],
      windowMs,
    }
  })()

  it('says in steps the same as at once', () => {
    const stepped = createReplay(trace, pool, () => 0)
    let progress = stepped.step(0)
    while (!progress.done) {
      expect(progress.prediction).toBeNull()
      expect(progress.progressRatio).toBeLessThanOrEqual(1)
      progress = stepped.step(1)
    }
    expect(progress.prediction).toEqual(replay(trace, pool))
    expect(progress.prediction?.checkouts).toBe(60_000)
  })

  it('says of some sizes what it says of them among all', () => {
    const some = createReplay(lastOf(trace, 300_000), pool, () => 0, 'some sizes').step(1)
    const all = replay(lastOf(trace, 300_000), pool)
    expect(some.prediction?.checkouts).toBe(all.checkouts)
    expect(some.prediction?.sizes.length).toBeLessThan(all.sizes.length)
    for (const size of some.prediction?.sizes ?? []) {
      expect(size).toEqual(all.sizes.find((one) => one.size === size.size))
    }
  })

  it('stops when its budget is spent, and for good when cancelled', () => {
    let now = 0
    // Each look at the clock is one more ms.
    const stepped = createReplay(trace, pool, () => now++)
    const first = stepped.step(3)
    expect(first.done).toBe(false)
    stepped.cancel()
    expect(stepped.step(1000)).toMatchObject({ done: true, prediction: null })
  })
})
