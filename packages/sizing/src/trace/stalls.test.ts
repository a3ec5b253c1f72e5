import { describe, expect, it } from 'vitest'
import { randomFrom } from './random.ts'
import { type Stall, stallsIn, stallsOf } from './stalls.ts'
import type { Trace } from './trace.ts'

const SECONDS = 60

/** How long a hold takes, ms, given a number from 0 up to 1. */
type Holds = (uniform: () => number) => number

const exponential: Holds = (uniform) => -80 * Math.log(1 - uniform())
const fixed: Holds = () => 80
/** One in fifty takes 3 s, the others 20 ms in the mean. */
const reports: Holds = (uniform) => (uniform() < 0.02 ? 3000 : -20 * Math.log(1 - uniform()))

/**
 * A pool of 12 lived through, 60 checkouts a second at random: callers wait in order, and no work is done in the stalls.
 * @param frozen the process stands still with the server, so that who would ask then asks right after
 */
function lived(
  holds: Holds,
  stalls: readonly Stall[],
  { seed = 1, frozen = false, perSec = 60 } = {},
): Trace {
  const uniform = randomFrom(seed)
  const free = new Array<number>(12).fill(0)
  const rows: { arrival: number; wait: number; hold: number }[] = []
  const stallAt = (ms: number) => stalls.find(({ fromMs, toMs }) => fromMs < ms && ms < toMs)
  const later = (fromMs: number, workMs: number) =>
    stalls.reduce((endMs, stall) => {
      const overlapMs = stall.toMs - Math.max(fromMs, stall.fromMs)
      return stall.toMs > fromMs && stall.fromMs < endMs ? endMs + overlapMs : endMs
    }, fromMs + workMs)
  for (let ms = 0; ms < SECONDS * 1000; ms += (-1000 / perSec) * Math.log(1 - uniform())) {
    const arrival = frozen ? (stallAt(ms)?.toMs ?? ms) : ms
    free.sort((a, b) => a - b)
    const start = Math.max(arrival, free[0] as number)
    const end = later(start, holds(uniform))
    free[0] = end
    rows.push({ arrival, wait: start - arrival, hold: end - start })
  }
  return {
    arrivalMs: Float64Array.from(rows, ({ arrival }) => arrival),
    waitMs: Float64Array.from(rows, ({ wait }) => wait),
    holdMs: Float64Array.from(rows, ({ hold }) => hold),
    caller: new Uint32Array(rows.length),
    inFlight: [],
    windowMs: SECONDS * 1000 + 5000,
  }
}

const TWO = [
  { fromMs: 20_000, toMs: 21_000 },
  { fromMs: 40_000, toMs: 40_600 },
]

describe(stallsOf, () => {
  it.each([
    ['exponential', exponential],
    ['fixed', fixed],
  ])('finds when nothing came back, holds %s', (_, holds) => {
    const found = stallsOf(lived(holds, TWO))
    expect(found).toHaveLength(2)
    found.forEach(({ fromMs, toMs }, i) => {
      const stall = TWO[i] as Stall
      // From the last that came back before to the first after it: five of 80 ms are held in the mean.
      expect(fromMs).toBeLessThanOrEqual(stall.fromMs)
      expect(fromMs).toBeGreaterThan(stall.fromMs - 150)
      expect(toMs).toBeGreaterThanOrEqual(stall.toMs)
      expect(toMs).toBeLessThan(stall.toMs + 150)
    })
  })

  it.each([
    ['exponential', exponential],
    ['fixed', fixed],
    ['with reports', reports],
  ])('finds none where nothing stood still, holds %s', (_, holds) => {
    for (let seed = 1; seed <= 20; seed++) expect(stallsOf(lived(holds, [], { seed }))).toEqual([])
  })

  it('takes long work side by side for what it is, not for a stall', () => {
    const short = lived(exponential, [])
    const until = short.arrivalMs.findIndex((ms) => ms > 30_000)
    // All of 12 are taken by jobs of 20 to 26 s, and everybody else waits until one of them is done.
    const jobs = Array.from({ length: 12 }, (_, i) => ({ arrival: 30_200, wait: 0, hold: 20_000 + 500 * i }))
    const column = (key: 'arrival' | 'wait' | 'hold', of: Float64Array) =>
      Float64Array.from([...of.subarray(0, until), ...jobs.map((job) => job[key])])
    const trace: Trace = {
      ...short,
      arrivalMs: column('arrival', short.arrivalMs),
      waitMs: column('wait', short.waitMs),
      holdMs: column('hold', short.holdMs),
      caller: new Uint32Array(until + 12),
    }
    expect(stallsOf(trace)).toEqual([])
  })

  it('does not tell of a silence that has no end yet', () => {
    const trace = lived(exponential, [{ fromMs: 55_000, toMs: 70_000 }])
    const inFlight = [...trace.arrivalMs.keys()].filter(
      (i) =>
        (trace.arrivalMs[i] as number) + (trace.waitMs[i] as number) + (trace.holdMs[i] as number) > 65_000,
    )
    expect(inFlight.length).toBeGreaterThan(12)
    expect(stallsOf({ ...trace, inFlight })).toEqual([])
  })
})

describe(stallsIn, () => {
  it('tells how many, how long and how many callers met them', () => {
    const stalls = stallsIn(lived(exponential, TWO))
    expect(stalls?.count).toBe(2)
    expect(stalls?.longestMs).toBeCloseTo(1000, -2)
    expect(stalls?.totalMs).toBeCloseTo(1600, -2.5)
    // 1.6 of 60 s, and the queue: 60 a second come, up to 150 a second go, so that it lasts two thirds as long again.
    expect(stalls?.askedRatio).toBeGreaterThan(1.6 / 60)
    expect(stalls?.askedRatio).toBeLessThan(4 / 60)
  })

  it('tells whether others went on asking', () => {
    expect(stallsIn(lived(exponential, TWO))?.askingRatio).toBeGreaterThan(0.7)
    expect(stallsIn(lived(exponential, TWO, { frozen: true }))?.askingRatio).toBeLessThan(0.1)
  })

  it('does not blame a stall for the queue of a pool that always has one', () => {
    // 60 a second of 240 ms would keep 14.4 busy, and there are 12. The stall of a second, and nine after it, are 10 of 60 s.
    const stalls = stallsIn(lived((uniform) => 3 * exponential(uniform), [TWO[0] as Stall]))
    expect(stalls?.askedRatio).toBeGreaterThan(9 / 60)
    expect(stalls?.askedRatio).toBeLessThan(12 / 60)
  })

  it('has nothing to tell of calm times', () => {
    expect(stallsIn(lived(exponential, []))).toBeNull()
  })
})
