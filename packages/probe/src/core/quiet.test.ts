import { describe, expect, it } from 'vitest'
import type { Activity } from './activity.ts'
import { Quiet, stalledMs } from './quiet.ts'

const found = (traffic: number | null, running: boolean | null = false): Activity => ({
  traffic,
  running,
  transaction: null,
  listening: false,
})

describe(Quiet, () => {
  it('counts from the look at which bytes last moved', () => {
    const quiet = new Quiet()
    quiet.look(0, found(100), 250, 0)
    quiet.look(0, found(100), 500, 0)
    expect(quiet.ms(600)).toBe(600 - 250)
    quiet.look(0, found(180), 750, 0)
    expect(quiet.ms(800)).toBe(800 - 750)
  })

  it('is zero while a statement runs, however long no byte moves', () => {
    const quiet = new Quiet()
    for (const atMs of [250, 500, 60_000]) quiet.look(0, found(100, true), atMs, 0)
    expect(quiet.ms(60_100)).toBe(0)
    quiet.look(0, found(100, false), 60_250, 0)
    expect(quiet.ms(60_350)).toBe(60_350 - 60_000)
  })

  it('begins anew with each hold', () => {
    const quiet = new Quiet()
    quiet.look(0, found(100), 250, 0)
    quiet.look(900, found(100), 1000, 0)
    expect(quiet.ms(1100)).toBe(100)
  })

  it('leaves out the time in which the process stood still', () => {
    const quiet = new Quiet()
    quiet.look(0, found(100), 250, 0)
    // The look due at 500 comes at 5250: 5000 ms since the last, 250 of them its own.
    quiet.look(0, found(100), 5250, stalledMs(5000))
    expect(quiet.ms(5250)).toBe(250)
  })

  it('is unknown where the driver tells nothing', () => {
    const quiet = new Quiet()
    expect(quiet.ms(0)).toBeNull()
    quiet.look(0, found(null, null), 250, 0)
    expect(quiet.ms(500)).toBeNull()
  })
})

describe(stalledMs, () => {
  it('takes a look that is a little late for a look that is late', () => {
    expect([stalledMs(250), stalledMs(500), stalledMs(501), stalledMs(2250)]).toEqual([0, 0, 251, 2000])
  })
})
