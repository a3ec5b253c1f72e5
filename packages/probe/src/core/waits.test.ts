import { describe, expect, it } from 'vitest'
import { UNTIMED, Waits } from './waits.ts'

describe(Waits, () => {
  it('knows the start and the stack of each wait until it ends', () => {
    const waits = new Waits()
    const stack = {}
    const [first, second] = [waits.begin(10, null, 0), waits.begin(20, stack, 0)]
    expect([waits.startMs(first), waits.startMs(second)]).toEqual([10, 20])
    expect([waits.stack(first), waits.stack(second)]).toEqual([null, stack])
    expect(waits.oldestStartMs()).toBe(10)
    waits.end(first)
    expect(waits.oldestStartMs()).toBe(20)
    waits.end(second)
    expect(waits.oldestStartMs()).toBeNull()
  })

  it('keeps apart any number of waits, ended in any order', () => {
    const waits = new Waits()
    const tickets = new Map<number, number>()
    for (let ms = 0; ms < 5000; ms++) {
      tickets.set(waits.begin(ms, null, 0), ms)
      if (ms % 3 === 0) {
        const [ticket] = [...tickets.keys()].slice(tickets.size >> 1)
        waits.end(ticket as number)
        tickets.delete(ticket as number)
      }
    }
    for (const [ticket, ms] of tickets) expect(waits.startMs(ticket)).toBe(ms)
    expect(waits.oldestStartMs()).toBe(Math.min(...tickets.values()))
  })

  it('is bounded: beyond 65,536 a wait is counted but not timed', () => {
    const waits = new Waits()
    const tickets = Array.from({ length: 65_536 }, (_, ms) => waits.begin(ms, null, 0))
    expect(new Set(tickets).size).toBe(65_536)
    expect(waits.begin(1, null, 0)).toBe(UNTIMED)
    waits.end(tickets[7] as number)
    expect(waits.begin(1, null, 0)).toBe(tickets[7])
  })
})
