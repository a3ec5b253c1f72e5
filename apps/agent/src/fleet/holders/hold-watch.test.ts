import { describe, expect, it } from 'vitest'
import { HoldWatch, type SeenHold } from './hold-watch.ts'

const seen = (over: Partial<SeenHold>): SeenHold => ({
  activity: 'idle',
  transaction: 'none',
  quietMs: 0,
  listening: false,
  heldMs: 0,
  sessionPid: 7,
  site: 'f (a.ts:1:1)',
  ...over,
})

/** A pool that reports once a second. */
class Scene {
  nowMs = 1_000_000
  #places: number[] = []
  readonly watch: HoldWatch

  constructor(fixedMs: number | null = 3000) {
    this.watch = new HoldWatch(fixedMs, this.nowMs)
  }

  report(...holds: SeenHold[]) {
    this.reportOf(holds, {})
  }

  reportOf(
    holds: SeenHold[],
    { complete = true, windowMs = 1000 }: { complete?: boolean; windowMs?: number },
  ) {
    this.nowMs += windowMs
    this.#places = [...holds.keys()]
    this.watch.take({ holds, windowMs, finished: 0, complete }, this.nowMs)
  }

  get suspected(): (number | null)[] {
    return this.#places.map((place) => this.watch.at(place)?.suspectedSinceMs ?? null)
  }
}

describe(HoldWatch, () => {
  it('suspects a hold from the report on in which it is quieter than the limit', () => {
    const scene = new Scene()
    for (const ms of [1000, 2000, 3000]) scene.report(seen({ heldMs: ms, quietMs: ms }))
    expect(scene.suspected).toEqual([null])
    expect(scene.watch.wantsStacks(scene.nowMs)).toBe(false)
    scene.report(seen({ heldMs: 4000, quietMs: 4000 }))
    const sinceMs = scene.nowMs
    scene.report(seen({ heldMs: 5000, quietMs: 5000 }))
    expect(scene.suspected).toEqual([sinceMs])
    expect(scene.watch.wantsStacks(scene.nowMs)).toBe(true)
    expect(scene.watch.wantsStacks(sinceMs + 300_000)).toBe(false)
  })

  it('goes on suspecting while nothing is known of the hold, which is no sign that it was used', () => {
    const scene = new Scene()
    scene.report(seen({ heldMs: 4000, quietMs: 4000 }))
    const sinceMs = scene.nowMs
    scene.report(seen({ heldMs: 5000, quietMs: null, activity: 'unknown' }))
    scene.report(seen({ heldMs: 6000, quietMs: 6000 }))
    expect(scene.suspected).toEqual([sinceMs])
    expect(scene.watch.lateReturns.total).toBe(0)
  })

  it.each([
    ['runs', { activity: 'running', quietMs: 0 }],
    ['is blocked', { activity: 'blocked', quietMs: 0 }],
    ['is unknown', { activity: 'unknown' }],
    ['listens', { listening: true }],
    ['tells no quietness', { quietMs: null }],
  ] as const)('never suspects a hold that %s', (_, over) => {
    const scene = new Scene()
    for (let ms = 1000; ms < 60_000; ms += 1000) scene.report(seen({ heldMs: ms, quietMs: ms, ...over }))
    expect(scene.suspected).toEqual([null])
    expect(scene.watch.at(0)?.quietLimitMs).toBe('quietMs' in over && over.quietMs === null ? 3000 : null)
  })

  it('suspects at once what nobody can give back', () => {
    const scene = new Scene()
    scene.report(seen({ activity: 'gone', quietMs: 100 }))
    expect(scene.suspected).toEqual([scene.nowMs])
  })

  it('records a suspected hold that is given back after all, once', () => {
    const scene = new Scene()
    for (let ms = 1000; ms <= 5000; ms += 1000) scene.report(seen({ heldMs: ms, quietMs: ms }))
    scene.report()
    scene.report()
    expect(scene.watch.lateReturns).toEqual({
      total: 1,
      last: { atMs: 1_006_000, heldMs: 5000, quietMs: 5000, site: 'f (a.ts:1:1)' },
    })
  })

  it('records a suspected hold that is used again, and suspects it no more', () => {
    const scene = new Scene()
    for (let ms = 1000; ms <= 5000; ms += 1000) scene.report(seen({ heldMs: ms, quietMs: ms }))
    scene.report(seen({ heldMs: 6000, quietMs: 200 }))
    expect(scene.suspected).toEqual([null])
    expect(scene.watch.lateReturns.total).toBe(1)
  })

  it('tells the next hold of a session from the one before', () => {
    const scene = new Scene()
    for (let ms = 1000; ms <= 5000; ms += 1000) scene.report(seen({ heldMs: ms, quietMs: ms }))
    // A second later it would be held for 6000 ms: this one began since.
    scene.report(seen({ heldMs: 900, quietMs: 900 }))
    expect(scene.suspected).toEqual([null])
    expect(scene.watch.lateReturns.total).toBe(1)
  })

  it('takes a hold that a cut list leaves out neither for given back nor for one that was learned from', () => {
    const scene = new Scene(null)
    for (let ms = 1000; ms <= 40_000; ms += 1000) scene.report(seen({ heldMs: ms, quietMs: ms }))
    expect(scene.suspected).not.toEqual([null])
    scene.reportOf([], { complete: false })
    expect(scene.watch.lateReturns.total).toBe(0)
  })

  it('learns from what came back, so that it is not suspected again', () => {
    const scene = new Scene(null)
    const hold = (forMs: number) => {
      for (let ms = 1000; ms <= forMs; ms += 1000) scene.report(seen({ heldMs: ms, quietMs: ms }))
    }
    // The limit of an unknown pool is 30 s.
    hold(35_000)
    expect(scene.suspected).not.toEqual([null])
    scene.report()
    hold(100_000)
    expect(scene.suspected).toEqual([null])
  })

  it('goes on suspecting a hold whose like came back late, until it does itself', () => {
    const scene = new Scene(null)
    const one = (ms: number) => seen({ heldMs: ms, quietMs: ms, sessionPid: 1 })
    const two = (ms: number) => seen({ heldMs: ms, quietMs: ms, sessionPid: 2 })
    for (let ms = 1000; ms <= 35_000; ms += 1000) scene.report(one(ms), two(ms))
    const sinceMs = scene.suspected[1]
    scene.report(two(36_000))
    scene.report(two(37_000))
    expect(scene.suspected).toEqual([sinceMs])
  })

  it('follows holds through reports that came merged', () => {
    const scene = new Scene()
    for (const ms of [3000, 4000]) scene.report(seen({ heldMs: ms, quietMs: ms }))
    scene.reportOf([seen({ heldMs: 11_000, quietMs: 11_000 })], { windowMs: 7000 })
    expect(scene.watch.lateReturns.total).toBe(0)
  })
})
