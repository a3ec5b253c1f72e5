import { describe, expect, it } from 'vitest'
import { nextArrivalMs, type Random, seeded, tailedMs } from '../../../packages/lab/src/shop/random.ts'
import { loadAt } from '../../../packages/lab/src/shop/rhythm.ts'
import { MemoryLog } from '../src/alerts/alert-log.ts'
import { AlertEngine, type EngineState } from '../src/alerts/engine.ts'
import { StateFile } from '../src/alerts/state-file.ts'
import { Fleet } from '../src/fleet/fleet.ts'
import { leaked } from './alert-bench.ts'
import { aPool, aReport, aSample, aSession, histogramOf, manualClock, SERVER } from './support.ts'

const DAY_MS = 86_400_000
const STEP_MS = 10_000

/** The pools of the shop as the lab opens them: size, and uses a second at the busiest with the median of their holds. */
const POOLS = [
  { service: 'catalog', name: 'main', instance: 'a', max: 20, uses: [{ perSec: 60, holdMs: 4 }] },
  { service: 'catalog', name: 'main', instance: 'b', max: 20, uses: [{ perSec: 60, holdMs: 4 }] },
  {
    service: 'checkout',
    name: 'orders',
    instance: 'a',
    max: 10,
    // Orders are held while the payment provider thinks.
    uses: [
      { perSec: 28, holdMs: 270 },
      { perSec: 10, holdMs: 4 },
    ],
  },
  { service: 'billing', name: 'ledger', instance: 'a', max: 5, uses: [{ perSec: 6, holdMs: 25 }] },
  { service: 'billing', name: 'outbox', instance: 'a', max: 3, uses: [{ perSec: 8, holdMs: 15 }] },
] as const
type Plan = (typeof POOLS)[number]

describe('24 hours of a healthy shop', () => {
  // At full load through a whole evening the checkout would run full, so that its day is that of the demo.
  it('fire nothing', () => {
    const { fired, ticks, checkouts } = simulate(240_000)
    expect(ticks).toBe(DAY_MS / STEP_MS)
    expect(checkouts).toBeGreaterThan(1_000_000)
    expect(fired).toEqual([])
  }, 900_000)

  it('fire within seconds of a leak, so that their quiet means something', () => {
    const { fired } = simulate(240_000, 3_600_000, 1_800_000)
    expect(fired[0]?.message).toMatch(/^1 connection is held and not used/)
    // Once, and once more when it has lasted for five minutes.
    expect(fired.map(({ rule, severity }) => `${rule} ${severity}`)).toEqual(['leak warn', 'leak critical'])
    // Suspected from 30 s on; ticks are ten seconds apart here.
    expect(fired[0]?.atMs).toBeLessThanOrEqual(1_800_000 + 30_000 + STEP_MS)
  })
})

/**
 * Runs a fleet of the shop's pools.
 * @param leakAtMs from when on one connection of the checkout is held and not used
 * @returns what people were told, in ms since the shop opened
 */
function simulate(dayMs: number, forMs = DAY_MS, leakAtMs = Number.POSITIVE_INFINITY) {
  const clock = manualClock()
  const openedMs = clock.atMs
  const fleet = new Fleet({ now: clock.now, tickMs: STEP_MS })
  fleet.addServer(SERVER)
  const fired: { rule: string; severity: string; message: string; atMs: number }[] = []
  const holders = (id: string) => {
    const heldMs = clock.atMs - openedMs - leakAtMs
    const found =
      heldMs > 0 && id.startsWith('checkout')
        ? [
            leaked(clock.atMs - heldMs, {
              heldMs,
              suspectedSinceMs: heldMs > 30_000 ? clock.atMs - heldMs + 30_000 : null,
            }),
          ]
        : []
    return { ...fleet.holders(id), holders: found }
  }
  const engine = new AlertEngine({
    sources: {
      holders,
      sessionList: (id) => fleet.sessionList(id),
      statements: (id, query) => fleet.statements(id, query),
      series: (id) => fleet.series(id),
    },
    rules: {},
    log: new MemoryLog(),
    state: new StateFile<EngineState>(null, () => {}),
    notify: ({ alert }) =>
      fired.push({
        rule: alert.rule,
        severity: alert.severity,
        message: alert.message,
        atMs: clock.atMs - openedMs,
      }),
    onBegin: () => {},
  })
  const pools = POOLS.map((plan, i) => new SimulatedPool(plan, seeded(i + 1)))
  const office = new BackOffice(seeded(99))
  let ticks = 0
  while (clock.atMs - openedMs < forMs) {
    clock.advance(STEP_MS)
    for (const pool of pools) pool.leaking = pool.service === 'checkout' && clock.atMs - openedMs > leakAtMs
    const load = loadAt(clock.atMs - openedMs, dayMs)
    const sessions = pools.flatMap((pool, index) => pool.step(load, STEP_MS, index, fleet))
    sessions.push(...office.step(load, STEP_MS))
    fleet.takeServer(SERVER.id, { state: 'up', error: null, sample: aSample(clock.atMs, sessions) })
    engine.observe(fleet.tick())
    ticks += 1
  }
  const checkouts = pools.reduce((sum, pool) => sum + pool.checkouts, 0)
  return { fired, ticks, checkouts }
}

/** A pool under Poisson arrivals with holds of a long tail; connections that idle for 20 s are closed. */
class SimulatedPool {
  readonly #plan: Plan
  readonly #random: Random
  /** When each connection is free again, ms from the beginning. */
  #freeAt: number[] = []
  #nowMs = 0
  checkouts = 0
  leaking = false

  constructor(plan: Plan, random: Random) {
    this.#plan = plan
    this.#random = random
  }

  get service(): string {
    return this.#plan.service
  }

  /** Lets time pass, reports it, and gives the sessions that it has. */
  step(load: number, ms: number, index: number, fleet: Fleet) {
    const { max, uses, service, name, instance } = this.#plan
    const end = this.#nowMs + ms
    // A leaked connection is never free again.
    if (this.leaking && this.#freeAt.length > 0) this.#freeAt[0] = Number.MAX_SAFE_INTEGER
    const kept = this.#freeAt.filter((free) => this.#nowMs - free < 20_000)
    const destroyed = this.#freeAt.length - kept.length
    this.#freeAt = kept
    const seen = { checkouts: 0, created: 0, inUsePeak: 0, waitingPeak: 0 }
    const waits: number[] = []
    const holds: number[] = []
    for (const { at, holdMs } of this.#arrivals(uses, load, end)) {
      const hold = tailedMs(this.#random, holdMs, 0.45)
      let taken = 0
      let connection = -1
      for (const [i, free] of this.#freeAt.entries()) {
        if (free > at) taken += 1
        else if (connection === -1) connection = i
      }
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
      if (waits.length < 100) waits.push(begin - at)
      if (holds.length < 100) holds.push(hold)
      seen.inUsePeak = Math.max(seen.inUsePeak, Math.min(max, taken + 1))
    }
    this.checkouts += seen.checkouts
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

  /** What comes in a step, in order. */
  #arrivals(uses: Plan['uses'], load: number, end: number): { at: number; holdMs: number }[] {
    const found: { at: number; holdMs: number }[] = []
    for (const { perSec, holdMs } of uses) {
      let at = this.#nowMs + nextArrivalMs(this.#random, perSec * load)
      for (; at < end; at += nextArrivalMs(this.#random, perSec * load)) found.push({ at, holdMs })
    }
    return found.sort((a, b) => a.at - b.at)
  }
}

/** People without a probe: reports of a second, and transactions that stay open while somebody types. */
class BackOffice {
  readonly #random: Random
  #open: { pid: number; state: 'active' | 'idle in transaction'; from: number; until: number }[] = []
  #nowMs = 0
  #pid = 9000

  constructor(random: Random) {
    this.#random = random
  }

  step(load: number, ms: number) {
    const end = this.#nowMs + ms
    const begin = (
      perSec: number,
      medianMs: number,
      spread: number,
      state: 'active' | 'idle in transaction',
    ) => {
      let at = this.#nowMs + nextArrivalMs(this.#random, perSec * load)
      for (; at < end; at += nextArrivalMs(this.#random, perSec * load)) {
        this.#pid = 9000 + ((this.#pid + 1) % 900)
        this.#open.push({
          pid: this.#pid,
          state,
          from: at,
          until: at + tailedMs(this.#random, medianMs, spread),
        })
      }
    }
    begin(0.6, 900, 0.4, 'active')
    begin(0.08, 4000, 0.3, 'idle in transaction')
    this.#nowMs = end
    this.#open = this.#open.filter(({ until }) => until > end)
    return this.#open.map(({ pid, state, from }) =>
      aSession({ pid, state, stateMs: end - from, waitEventType: null }),
    )
  }
}
