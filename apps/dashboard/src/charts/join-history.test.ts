import { describe, expect, it } from 'vitest'
import { isStepped, type JoinedSample, joinHistory, meanOf, peakOf } from './join-history.ts'

const TICK = 1000

/** Numbers that look random and are the same in every run. */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** Ticks with late timers and outages, as an agent has them. */
function someTicks(random: () => number, count: number): number[] {
  const times: number[] = []
  let atMs = 1_700_000_000_000 + Math.floor(random() * 1e7)
  for (let i = 0; i < count; i++) {
    atMs += TICK + Math.round((random() - 0.5) * 200)
    if (random() < 0.02) atMs += Math.floor(random() * 40_000)
    times.push(atMs)
  }
  return times
}

/** Rows as the agent makes them: steps on the clock's grid, each stamped with when it begins. */
function rowsOf(ticks: readonly number[], stepMs: number): { atMs: number; ticks: number[] }[] {
  const rows: { atMs: number; ticks: number[] }[] = []
  for (const atMs of ticks) {
    const row = rows.at(-1)
    const begunMs = Math.floor(atMs / stepMs) * stepMs
    if (row?.atMs === begunMs) row.ticks.push(atMs)
    else rows.push({ atMs: begunMs, ticks: [atMs] })
  }
  return rows
}

describe('joinHistory', () => {
  it('counts every tick of the plot in exactly one sample, wherever history ends', () => {
    for (let seed = 1; seed <= 300; seed++) {
      const random = randomOf(seed)
      const all = someTicks(random, 400)
      const stepMs = [1000, 2000, 5000, 10_000, 60_000][Math.floor(random() * 5)] as number
      const stepped = isStepped(stepMs, TICK)
      // The ring has the last 300 ticks; history ends anywhere within, on a tick or between two.
      const ring = Float64Array.from(all.slice(100))
      const cut = 100 + Math.floor(random() * 300)
      const coveredMs = (all[cut] as number) + (random() < 0.5 ? 0 : Math.floor(random() * 400))
      const old = all.filter((atMs) => atMs <= coveredMs)
      const rows = stepped ? rowsOf(old, stepMs) : old.map((atMs) => ({ atMs, ticks: [atMs] }))
      const plot = { startMs: 0, endMs: all.at(-1) as number }
      const samples = joinHistory(
        { rowTimes: rows.map(({ atMs }) => atMs), coveredMs },
        ring,
        { stepMs, tickMs: TICK },
        plot,
      )
      const counted = samples.flatMap(({ row, first, end }) => [
        ...(row < 0 ? [] : (rows[row]?.ticks ?? [])),
        ...ring.slice(first, end),
      ])
      expect(counted, `seed ${seed}`).toEqual(all)
      const times = samples.map(({ atMs }) => atMs)
      expect(times).toEqual([...new Set(times)].sort((a, b) => a - b))
      // No step is cut in two where history and live ticks meet.
      if (stepped) {
        const slots = times.map((atMs) => Math.floor(atMs / stepMs))
        expect(new Set(slots).size, `seed ${seed}`).toBe(slots.length)
      }
    }
  })
  it('has the live ticks alone while history has not answered', () => {
    const ticks = Float64Array.from([Number.NaN, 1000, 2000, 3000])
    const samples = joinHistory(null, ticks, { stepMs: 1000, tickMs: TICK }, { startMs: 1500, endMs: 9000 })
    expect(samples.map(({ atMs }) => atMs)).toEqual([2000, 3000])
  })
  it('leaves out what lies outside of the plot', () => {
    const covered = { rowTimes: [1000, 2000, 3000], coveredMs: 3000 }
    const ticks = Float64Array.from([4000, 5000, 6000])
    const samples = joinHistory(
      covered,
      ticks,
      { stepMs: 1000, tickMs: TICK },
      { startMs: 2000, endMs: 5000 },
    )
    expect(samples.map(({ atMs }) => atMs)).toEqual([2000, 3000, 4000, 5000])
  })
})

describe('meanOf', () => {
  const sample: JoinedSample = { atMs: 0, row: 0, rowTicks: 3, first: 1, end: 3 }
  it('weighs a row by the ticks that it stands for', () => {
    // (3 × 4 + 9 + 6) / 5 = 5.4
    expect(meanOf(sample, [4], Float32Array.from([99, 9, 6]))).toBeCloseTo(5.4)
  })
  it('leaves out what is not known', () => {
    expect(meanOf(sample, [null], Float32Array.from([99, Number.NaN, 6]))).toBe(6)
    expect(meanOf(sample, undefined, Float32Array.from([99, Number.NaN, Number.NaN]))).toBeNaN()
  })
})

describe('peakOf', () => {
  const sample: JoinedSample = { atMs: 0, row: 0, rowTicks: 3, first: 0, end: 2 }
  it('is the largest of the row and its ticks', () => {
    expect(peakOf(sample, [4], Float32Array.from([9, 6]))).toBe(9)
    expect(peakOf(sample, [14], Float32Array.from([9, Number.NaN]))).toBe(14)
    expect(peakOf(sample, [null], Float32Array.from([Number.NaN, Number.NaN]))).toBeNaN()
  })
})
