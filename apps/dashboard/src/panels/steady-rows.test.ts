import { describe, expect, it } from 'vitest'
import { holderOf } from '../live/fake-holder.ts'
import { lookAlike, SteadyRows } from './steady-rows.ts'

const NONE: ReadonlySet<string> = new Set()
const held = (sessionPid: number, sinceMs: number) =>
  holderOf(sessionPid, { sinceMs, heldMs: 10_000 - sinceMs })
const placed = (rows: ReturnType<SteadyRows['take']>) =>
  rows.map(({ holder, place }) => [holder.sessionPid, place])

describe('SteadyRows', () => {
  it('lets a new hold have the place of one that left, behind those that stay', () => {
    const rows = new SteadyRows()
    expect(placed(rows.take([held(1, 100), held(2, 200), held(3, 300)], NONE))).toEqual([
      [1, 0],
      [2, 1],
      [3, 2],
    ])
    expect(placed(rows.take([held(1, 100), held(3, 300), held(4, 900), held(5, 950)], NONE))).toEqual([
      [1, 0],
      [3, 2],
      [4, 1],
      [5, 3],
    ])
  })
  it('gives no place twice after rows became fewer', () => {
    const rows = new SteadyRows()
    rows.take([held(1, 100), held(2, 200), held(3, 300)], NONE)
    rows.take([held(3, 300)], NONE)
    const places = rows.take([held(3, 300), held(4, 900), held(5, 950)], NONE).map(({ place }) => place)
    expect(places).toEqual([2, 0, 1])
  })
  it('keeps one whose stack is open after it was given back, until it is closed', () => {
    const rows = new SteadyRows()
    const [first] = rows.take([held(1, 100)], NONE)
    const open = new Set([first?.key ?? ''])
    expect(rows.take([], open)).toMatchObject([{ gone: true, open: true, place: 0 }])
    expect(rows.take([], NONE)).toEqual([])
  })
  it('says the same again of the same holds', () => {
    const rows = new SteadyRows()
    const holds = [held(1, 100), held(2, 200)]
    expect(rows.take(holds, NONE)).toEqual(rows.take(holds, NONE))
  })
})

describe('lookAlike', () => {
  const row = { key: 'a', gone: false, open: false, place: 0 }
  it('overlooks how long a connection is held, and which hold it is by now', () => {
    const before = { ...row, holder: held(1, 100) }
    expect(lookAlike(before, { ...row, key: 'b', holder: held(1, 5000) })).toBe(true)
  })
  it('sees another place, another state of the row and anything else about the hold', () => {
    const before = { ...row, holder: { ...held(1, 100), stack: ['f (a.ts:1:1)'] } }
    expect(lookAlike(before, { ...before, holder: { ...before.holder, stack: ['f (a.ts:1:1)'] } })).toBe(true)
    expect(lookAlike(before, { ...before, holder: { ...before.holder, stack: ['f (a.ts:2:1)'] } })).toBe(
      false,
    )
    expect(lookAlike(before, { ...before, holder: { ...before.holder, quietMs: 5 } })).toBe(false)
    expect(lookAlike(before, { ...before, gone: true })).toBe(false)
    expect(lookAlike(before, { ...before, open: true })).toBe(false)
    expect(lookAlike(before, { ...before, place: 1 })).toBe(false)
  })
})
