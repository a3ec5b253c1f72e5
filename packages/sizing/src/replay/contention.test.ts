import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { independent } from '../trace/flows.ts'
import { randomFrom } from '../trace/random.ts'
import type { Trace } from '../trace/trace.ts'
import { contentionOf, workOf } from './contention.ts'
import { eventLoop } from './event-loop.ts'
import { minHeap } from './heap.ts'
import { replay } from './replay.ts'

const SIZE = 12

/** Draws the arrivals of a minute or more, at random, and exponential times. */
function traffic(perSec: number, seconds: number, seed = 3) {
  const random = randomFrom(seed)
  const exponential = (mean: number) => -Math.log(1 - random()) * mean
  const arrivals: number[] = []
  for (let t = exponential(1000 / perSec); t < seconds * 1000; t += exponential(1000 / perSec))
    arrivals.push(t)
  return { arrivals, exponential, random }
}

function traceOf(arrivals: readonly number[], waits: readonly number[], holds: readonly number[]): Trace {
  return {
    arrivalMs: Float64Array.from(arrivals),
    waitMs: Float64Array.from(waits),
    holdMs: Float64Array.from(holds),
    caller: new Uint32Array(arrivals.length),
    inFlight: [],
    windowMs: (arrivals.at(-1) ?? 0) + 1,
  }
}

/** A pool on a server whose cores are shared by all who hold: n of them go forward at cores / n each. */
function onCores(cores: number, perSec: number, seconds: number, workMs: () => number, size = SIZE): Trace {
  const { arrivals } = traffic(perSec, seconds)
  const waits: number[] = []
  const holds: number[] = []
  const queue: number[] = []
  const held = minHeap()
  const startMs: number[] = []
  let clock = 0
  let nowMs = 0
  let next = 0
  while (next < arrivals.length || held.size > 0) {
    const speed = Math.min(1, cores / held.size)
    const endMs = held.size === 0 ? Infinity : nowMs + (held.key - clock) / speed
    const ms = Math.min(endMs, arrivals[next] ?? Infinity)
    if (held.size > 0) clock += speed * (ms - nowMs)
    nowMs = ms
    if (ms === endMs) {
      const done = held.value
      held.pop()
      holds[done] = nowMs - (startMs[done] ?? 0)
    } else queue.push(next++)
    while (held.size < size && queue.length > 0) {
      const one = queue.shift() ?? 0
      waits[one] = nowMs - (arrivals[one] ?? 0)
      startMs[one] = nowMs
      held.push(clock + workMs(), one)
    }
  }
  return traceOf(arrivals, waits, holds)
}

/** A pool whose callers work for a while and then take one of three locks in turn. */
function onLocks(perSec: number, seconds: number, size: number): Trace {
  const { arrivals, exponential, random } = traffic(perSec, seconds)
  const jobs = arrivals.map(() => ({
    workMs: exponential(24),
    lockedMs: exponential(24),
    lock: Math.floor(random() * 3),
  }))
  const waits: number[] = []
  const holds: number[] = []
  const queue: number[] = []
  const atLock: number[][] = [[], [], []]
  // Even: at its lock. Odd: done.
  const events = minHeap()
  let held = 0
  let next = 0
  const startAt = (one: number, ms: number) => {
    held++
    waits[one] = ms - (arrivals[one] ?? 0)
    events.push(ms + (jobs[one]?.workMs ?? 0), 2 * one)
  }
  const lockAt = (one: number | undefined, ms: number) => {
    if (one !== undefined) events.push(ms + (jobs[one]?.lockedMs ?? 0), 2 * one + 1)
  }
  while (next < arrivals.length || events.size > 0) {
    const ms = Math.min(arrivals[next] ?? Infinity, events.size === 0 ? Infinity : events.key)
    if (events.size === 0 || ms < events.key) {
      if (held < size) startAt(next++, ms)
      else queue.push(next++)
      continue
    }
    const one = events.value >> 1
    const done = events.value % 2 === 1
    events.pop()
    const line = atLock[jobs[one]?.lock ?? 0] ?? []
    if (!done) {
      line.push(one)
      if (line.length === 1) lockAt(one, ms)
      continue
    }
    line.shift()
    lockAt(line[0], ms)
    holds[one] = ms - (arrivals[one] ?? 0) - (waits[one] ?? 0)
    held--
    const first = queue.shift()
    if (first !== undefined) startAt(first, ms)
  }
  return traceOf(arrivals, waits, holds)
}

const meanOf = (values: ArrayLike<number>) =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length

describe(contentionOf, () => {
  it('finds the cores that all share, and what more held at once would do than were seen', () => {
    const { random } = traffic(1, 1, 9)
    // 1.6 of two cores busy
    const trace = onCores(2, 133, 120, () => 12 * (0.8 + 0.4 * random()), 8)
    const { contention, speeds } = contentionOf(trace, 8)
    expect(contention.verdict).toBe('found')
    expect(speeds?.likely(2)).toBe(1)
    expect(speeds?.likely(4)).toBeCloseTo(2 / 4, 1)
    expect(speeds?.likely(16)).toBeCloseTo(2 / 16, 1)
  })

  it('finds how much callers keep each other waiting for locks, as a smaller pool shows', () => {
    const big = onLocks(50, 300, 12)
    const { contention, speeds } = contentionOf(big, 12)
    expect(contention.verdict).toBe('found')
    if (speeds === null) return
    const flows = { ...independent(big, big.holdMs), workMs: workOf(big, big.holdMs, speeds.likely) }
    const rules = { acquireTimeoutMs: Infinity, idleTimeoutMs: Infinity, min: 0, connectMs: 0 }
    const loop = eventLoop(flows, rules, 4, 0.1, speeds.likely)
    while (!loop.done) loop.advance()
    const small = onLocks(50, 300, 4)
    // Twelve hold for longer than four; the replay of four from twelve is off by less than a third of that.
    const [most, least] = [meanOf(big.holdMs), meanOf(small.holdMs)]
    expect(most).toBeGreaterThan(1.05 * least)
    const replayed = (loop.result().utilizationRatio * 4 * small.windowMs) / small.holdMs.length
    expect(Math.abs(replayed - least)).toBeLessThan((most - least) / 3)
  })

  it('tells of no more than the pool has, where holds that are kept to 2 % seem to overlap', () => {
    const exact = onLocks(70, 40, 8)
    const trace = { ...exact, holdMs: exact.holdMs.map((hold) => hold * 1.02) }
    const pool = { size: 8, acquireTimeoutMs: null, idleTimeoutMs: null, min: 0, connectMs: 1 }
    const { contention, sizes } = replay(trace, pool)
    expect(contention.verdict).toBe('found')
    expect(contention.peak).toBeGreaterThan(8)
    expect(sizes.filter(({ identifiable }) => identifiable).at(-1)?.size).toBe(8)
  })

  it('does not take slow times of the server for what callers do to each other', () => {
    const { arrivals, exponential } = traffic(100, 300)
    // Two seconds of ten holds are two and a half times as long, however many are held.
    const holds = arrivals.map((ms) => exponential(40) * (ms % 10_000 < 2000 ? 2.5 : 1))
    const trace = traceOf(
      arrivals,
      arrivals.map(() => 0),
      holds,
    )
    const { contention, speeds } = contentionOf(trace, 64)
    expect(contention.verdict).toBe('found')
    expect(speeds?.likely(10)).toBeGreaterThan(0.9)
  })

  it('gives speeds from 0 to 1 that fall, and a total that never does', () => {
    const numbers = fc.integer({ min: 1, max: 6 })
    fc.assert(
      fc.property(numbers, fc.integer({ min: 20, max: 150 }), numbers, (cores, perSec, size) => {
        const { exponential } = traffic(1, 1, perSec)
        const { speeds } = contentionOf(
          onCores(cores, perSec, 20, () => exponential(12), size + 2),
          size + 2,
        )
        if (speeds === null) return
        for (const speed of [speeds.likely, speeds.flat]) {
          for (let n = 1; n < 80; n++) {
            expect(speed(n)).toBeGreaterThan(0)
            expect(speed(n)).toBeLessThanOrEqual(1)
            expect(speed(n + 1)).toBeLessThanOrEqual(speed(n))
            expect((n + 1) * speed(n + 1)).toBeGreaterThanOrEqual(n * speed(n) - 1e-9)
          }
        }
      }),
      { numRuns: 30 },
    )
  })
})
