import { describe, expect, it } from 'vitest'
import { nextArrivalMs, type Random, seeded, tailedMs } from '../../../packages/lab/src/shop/random.ts'
import { loadAt } from '../../../packages/lab/src/shop/rhythm.ts'
import { MemoryLog } from '../src/alerts/alert-log.ts'
import { AlertEngine, type EngineState } from '../src/alerts/engine.ts'
import { StateFile } from '../src/alerts/state-file.ts'
import { Fleet } from '../src/fleet/fleet.ts'
import { aPool, aReport, aSample, aSession, histogramOf, manualClock, SERVER } from './support.ts'

const DAY_MS = 86_400_000
const STEP_MS = 5000

/** The pools of the shop: size, uses a second at the busiest, and the median of a hold. */
const POOLS = [
  { service: 'catalog', name: 'main', instance: 'a', max: 20, perSec: 120, holdMs: 6 },
  { service: 'catalog', name: 'main', instance: 'b', max: 20, perSec: 120, holdMs: 6 },
  { service: 'checkout', name: 'orders', instance: 'a', max: 10, perSec: 25, holdMs: 30 },
  { service: 'billing', name: 'ledger', instance: 'a', max: 5, perSec: 8, holdMs: 25 },
  { service: 'billing', name: 'outbox', instance: 'a', max: 3, perSec: 2, holdMs: 15 },
] as const
type Plan = (typeof POOLS)[number]

describe('24 hours of a healthy shop', () => {
  it('raise nothing at all, in the rhythm of a whole day and in that of the demo', () => {
    for (const dayMs of [DAY_MS, 240_000]) {
      const { fired, ticks } = simulate(dayMs, DAY_MS)
      expect(ticks).toBe(DAY_MS / STEP_MS)
      expect(fired).toEqual([])
    }
  }, 120_000)
})

/** Runs a fleet of the shop's pools for a while. @returns what people were told */
function simulate(dayMs: number, forMs: number) {
  const clock = manualClock()
  const openedMs = clock.atMs
  const fleet = new Fleet({ now: clock.now, tickMs: STEP_MS })
  fleet.addServer(SERVER)
  const fired: string[] = []
  const engine = new AlertEngine({
    sources: fleet,
    rules: {},
    log: new MemoryLog(),
    state: new StateFile<EngineState>(null, () => {}),
    notify: ({ alert }) => fired.push(`${alert.rule}: ${alert.message}`),
    onIncident: () => {},
  })
  const pools = POOLS.map((plan, i) => new SimulatedPool(plan, seeded(i + 1)))
  let ticks = 0
  while (clock.atMs - openedMs < forMs) {
    clock.advance(STEP_MS)
    const load = loadAt(clock.atMs - openedMs, dayMs)
    const sessions = pools.flatMap((pool, index) => pool.step(load, STEP_MS, index, fleet))
    // The back office without a probe: four sessions, one with a report that runs for up to a minute.
    sessions.push(...[0, 1, 2, 3].map((i) => aSession({ pid: 9000 + i, stateMs: i * 900 })))
    sessions.push(
      aSession({ pid: 9010, state: 'active', waitEventType: null, stateMs: (clock.atMs / 1000) % 60_000 }),
    )
    fleet.takeServer(SERVER.id, { state: 'up', error: null, sample: aSample(clock.atMs, sessions) })
    engine.observe(fleet.tick())
    ticks += 1
  }
  return { fired, ticks }
}

/** A pool under Poisson arrivals with holds of a long tail; connections that idle for 20 s are closed. */
class SimulatedPool {
  readonly #plan: Plan
  readonly #random: Random
  /** When each connection is free again, ms from the beginning. */
  #freeAt: number[] = []
  #nowMs = 0

  constructor(plan: Plan, random: Random) {
    this.#plan = plan
    this.#random = random
  }

  /** Lets time pass, reports it, and gives the sessions that it has. */
  step(load: number, ms: number, index: number, fleet: Fleet) {
    const { max, perSec, holdMs, service, name, instance } = this.#plan
    const end = this.#nowMs + ms
    const kept = this.#freeAt.filter((free) => this.#nowMs - free < 20_000)
    const destroyed = this.#freeAt.length - kept.length
    this.#freeAt = kept
    const seen = { checkouts: 0, created: 0, inUsePeak: 0, waitingPeak: 0 }
    const waits: number[] = []
    const holds: number[] = []
    let at = this.#nowMs + nextArrivalMs(this.#random, perSec * load)
    for (; at < end; at += nextArrivalMs(this.#random, perSec * load)) {
      const hold = tailedMs(this.#random, holdMs, 0.5)
      let connection = this.#freeAt.findIndex((free) => free <= at)
      if (connection === -1 && this.#freeAt.length < max) {
        connection = this.#freeAt.push(at + 3) - 1
        seen.created += 1
      } else if (connection === -1) {
        connection = this.#freeAt.indexOf(Math.min(...this.#freeAt))
        seen.waitingPeak += 1
      }
      const begin = Math.max(at, this.#freeAt[connection] as number)
      this.#freeAt[connection] = begin + hold
      seen.checkouts += 1
      if (waits.length < 200) waits.push(begin - at)
      if (holds.length < 200) holds.push(hold)
      seen.inUsePeak = Math.max(seen.inUsePeak, this.#freeAt.filter((free) => free > at).length)
    }
    this.#nowMs = end
    const inUse = this.#freeAt.filter((free) => free > end).length
    const window = { ...seen, destroyed, wait: histogramOf(...waits), hold: histogramOf(...holds) }
    const idle = this.#freeAt.length - inUse
    const sessionPids = this.#freeAt.map((_, i) => index * 100 + i + 1)
    const report = aPool({ name, max, min: 0, inUse, idle, sessionPids }, window)
    fleet.takeReport(aReport([report], { service, instance, windowMs: ms }))
    return sessionPids.map((pid, i) =>
      aSession({
        pid,
        application: service,
        user: service,
        state: i < inUse ? 'active' : 'idle',
        stateMs: i < inUse ? 5 : 4000,
      }),
    )
  }
}
