import { eventually, startBlackhole } from '@poolscope/testkit'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ContractBench } from './probe-contract-bench.ts'
import type { ProbeDriver } from './probe-contract-driver.ts'
import { declareProcess } from './probe-contract-process.ts'

export type { PoolWish, ProbeDriver } from './probe-contract-driver.ts'

/** Long enough to tell from nothing, short enough to wait for. */
const DELAY_MS = 60

const pause = (ms = DELAY_MS) => new Promise((resolve) => setTimeout(resolve, ms))

/**
 * Declares the suite that every adapter passes with its driver, on a real server: what it reports is what the
 * callers of the pool count themselves.
 */
export function probeContract<Pool extends object>(driver: ProbeDriver<Pool>): void {
  const { facts } = driver
  const { max } = facts
  let server: { stop(): Promise<unknown> } | undefined
  let bench: ContractBench<Pool>

  describe(`the adapter of ${driver.name}`, () => {
    beforeAll(async () => {
      server = await driver.startServer()
    })
    afterAll(() => server?.stop())
    beforeEach(async () => {
      bench = await ContractBench.start(driver)
    })
    afterEach(() => bench.stop())

    it('shows exactly the holders that there are', async () => {
      const pool = await bench.pool()
      const holds = await Promise.all(Array.from({ length: max }, () => bench.take(pool)))
      const report = await bench.shows([max, 0, 0, 0])
      expect(report).toMatchObject({ name: 'p', system: driver.system, ended: false })
      expect(report.holders).toHaveLength(max)
      const known = holds.flatMap(({ sessionPid }) => (sessionPid === null ? [] : [sessionPid]))
      expect(report.holders.flatMap(({ sessionPid }) => sessionPid ?? []).sort()).toEqual(known.sort())
      expect(report.sessionPids.toSorted()).toEqual(known)
      if (max > 1) {
        await holds[0]?.release()
        await bench.shows([max - 1, facts.keepsIdle ? 1 : null, 0, 0])
      }
      for (const hold of holds.slice(max > 1 ? 1 : 0)) await hold.release()
      await bench.shows([0, facts.keepsIdle ? max : null, 0, 0])
      expect(await bench.totals()).toMatchObject({
        checkouts: max,
        waits: max,
        holds: max,
        timeouts: 0,
        errors: 0,
      })
    })

    it.runIf(facts.queues)('shows exactly the waiters that there are', async () => {
      const pool = await bench.pool()
      const holds = await Promise.all(Array.from({ length: max }, () => bench.take(pool)))
      const waiting = Array.from({ length: 5 }, () => bench.take(pool))
      const report = await bench.shows([max, 0, 0, 5])
      expect(report.oldestWaitMs).toBeGreaterThan(0)
      expect(report.window.waitingPeak).toBeLessThanOrEqual(5)
      for (const hold of holds) await hold.release()
      for (const hold of waiting) await (await hold).release()
      expect((await bench.shows([0, null, 0, 0])).oldestWaitMs).toBeNull()
      expect(await bench.totals()).toMatchObject({ checkouts: max + 5, waits: max + 5, holds: max + 5 })
      // Over all windows the peaks are what was there at most.
      const windows = bench.agent.all('p').map(({ window }) => window)
      expect(Math.max(...windows.map((window) => window.inUsePeak))).toBe(max)
      expect(Math.max(...windows.map((window) => window.waitingPeak))).toBeGreaterThanOrEqual(5)
    })

    it('tells how long a hold took, once', async () => {
      const pool = await bench.pool({ max: 1 })
      const startMs = performance.now()
      const hold = await bench.take(pool)
      const heldMs = performance.now()
      await pause()
      const { holders } = await bench.now()
      expect(holders[0]?.heldMs).toBeGreaterThanOrEqual(DELAY_MS - 1)
      const leastMs = performance.now() - heldMs
      await hold.release()
      await bench.shows([0, null, 0, 0])
      const totals = await bench.totals()
      expect(totals.holds).toBe(1)
      expect(totals.holdMs).toBeGreaterThanOrEqual(leastMs)
      expect(totals.holdMs).toBeLessThanOrEqual(performance.now() - startMs)
    })

    it.runIf(facts.queues)('tells how long a wait took, once', async () => {
      const pool = await bench.pool({ max: 1 })
      const startMs = performance.now()
      const first = await bench.take(pool)
      const before = await bench.totals()
      expect(before.waits).toBe(1)
      expect(before.waitMs).toBeLessThanOrEqual(performance.now() - startMs)
      const askedMs = performance.now()
      const second = bench.take(pool)
      await bench.shows([1, 0, 0, 1])
      await pause()
      // What a driver does before it asks is no wait yet.
      const leastMs = (performance.now() - askedMs) / 2
      expect((await bench.now()).oldestWaitMs).toBeGreaterThanOrEqual(leastMs)
      await first.release()
      const hold = await second
      const mostMs = performance.now() - askedMs
      const after = await bench.totals()
      expect(after.waits).toBe(2)
      expect(after.waitMs - before.waitMs).toBeGreaterThanOrEqual(leastMs)
      expect(after.waitMs - before.waitMs).toBeLessThanOrEqual(mostMs + 1)
      await hold.release()
    })

    it('counts as its callers count, whatever they do at once', async () => {
      const pool = await bench.pool()
      // Each of 8 callers takes 12 in turn; where nobody queues, no more callers than connections.
      const callers = facts.queues ? 8 : max
      const call = async (caller: number) => {
        for (let i = 0; i < 12; i++) {
          const hold = await bench.take(pool)
          if ((caller + i) % 3 > 0) await pause((caller * 5 + i * 7) % 11)
          await hold.release()
        }
      }
      await Promise.all(Array.from({ length: callers }, (_, caller) => call(caller)))
      const { inUse, idle, connecting } = await bench.shows([0, null, 0, 0])
      expect(inUse + idle + connecting).toBeLessThanOrEqual(max)
      const totals = await bench.totals()
      const all = 12 * callers
      expect(totals).toMatchObject({ checkouts: all, waits: all, holds: all, timeouts: 0, errors: 0 })
      for (const { window } of bench.agent.all('p')) expect(window.inUsePeak).toBeLessThanOrEqual(max)
      if (facts.creates) {
        expect(totals.creates).toBe(totals.created)
        expect(totals.created - totals.destroyed).toBe(idle)
      }
    })

    it.runIf(facts.creates)('tells how many connections opened, and how long that took', async () => {
      const startMs = performance.now()
      const pool = await bench.pool({ max: 1 })
      await (await bench.take(pool)).release()
      await bench.shows([0, null, 0, 0])
      const totals = await bench.totals()
      expect(totals).toMatchObject({ created: 1, creates: 1 })
      expect(totals.createMs).toBeGreaterThan(0)
      expect(totals.createMs).toBeLessThanOrEqual(performance.now() - startMs)
    })

    it.runIf(facts.stacks)('names the code of each holder, longest held first', async () => {
      const pool = await bench.pool()
      async function asksInTheTest() {
        return await bench.take(pool)
      }
      const holds = []
      for (let i = 0; i < max; i++) {
        holds.push(await asksInTheTest())
        await pause(5)
      }
      const { holders } = await bench.shows([max, 0, 0, 0])
      for (const holder of holders) expect(holder.stack?.join('\n')).toContain('asksInTheTest')
      for (const holder of holders) expect(holder.stack?.join('\n')).not.toMatch(/node_modules|node:/)
      const ages = holders.map((holder) => holder.heldMs)
      expect(ages).toEqual(ages.toSorted((a, b) => b - a))
      for (const hold of holds) await hold.release()
    })

    it.runIf(facts.timeouts)('counts a caller who gives up, once and as a time-out', async () => {
      const pool = await bench.pool({ max: 1, acquireTimeoutMs: 800 })
      // A connection may take longer than that to open.
      const hold = await eventually(() => bench.take(pool))
      expect((await bench.now()).acquireTimeoutMs).toBe(800)
      const before = await bench.totals()
      expect(before).toMatchObject({ checkouts: 1, waits: 1 })
      const late = [bench.take(pool), bench.take(pool)].map((asked) => asked.then(Boolean, () => false))
      expect(await Promise.all(late)).toEqual([false, false])
      await bench.shows([1, 0, 0, 0])
      const { checkouts, waits, timeouts, errors } = await bench.totals()
      expect({ checkouts, waits }).toEqual({ checkouts: 1, waits: 1 })
      expect([timeouts - before.timeouts, errors - before.errors]).toEqual([2, 0])
      await hold.release()
    })

    it.runIf(facts.refused !== null)('counts a caller for whom no connection could be opened', async () => {
      const closed = await startBlackhole()
      await closed.stop()
      const at = { host: closed.host, port: closed.port }
      const pool = await bench.pool({ max: 2, at, acquireTimeoutMs: facts.timeouts ? 800 : null })
      expect(
        await bench.take(pool).then(
          () => 'served',
          () => 'failed',
        ),
      ).toBe('failed')
      await bench.shows([0, 0, null, 0])
      const wanted = { checkouts: 0, waits: 0, holds: 0, timeouts: 0, errors: 0 }
      expect(await bench.totals()).toMatchObject({ ...wanted, [facts.refused ?? '']: 1 })
    })

    it.runIf(facts.connecting)(
      'counts a connection that is being opened as neither idle nor in use',
      async () => {
        const silent = await startBlackhole()
        const pool = await bench.pool({ max: 1, at: { host: silent.host, port: silent.port } })
        void bench.take(pool).catch(() => {})
        await bench.shows([0, 0, 1, 1])
        driver.unwatch(pool)
        await silent.stop()
      },
    )

    it.runIf(facts.adopts)('takes in the connections that a pool has already', async () => {
      const pool = await bench.unwatched({ max: 2 })
      const [held, idle] = await Promise.all([bench.take(pool), bench.take(pool)])
      await idle?.release()
      bench.watch(pool)
      await bench.shows([1, 1, 0, 0])
      await held?.release()
      await bench.shows([0, 2, 0, 0])
      // Their beginning was not seen, so nothing is said of how long they took.
      expect(await bench.totals()).toMatchObject({ checkouts: 0, waits: 0, holds: 0, created: 0 })
    })

    it('measures a pool once, however often it is watched', async () => {
      const pool = await bench.pool()
      expect(bench.watch(pool, 'again')).toBe(pool)
      await (await bench.take(pool)).release()
      await bench.shows([0, null, 0, 0])
      expect(await bench.totals()).toMatchObject({ checkouts: 1, waits: 1, holds: 1 })
      expect(bench.agent.all('again')).toEqual([])
    })

    it('leaves a pool that is watched no more as it was, and says that no more follows', async () => {
      const pool = await bench.unwatched()
      const before = changeable(pool)
      bench.watch(pool)
      await (await bench.take(pool)).release()
      await bench.shows([0, null, 0, 0])
      driver.unwatch(pool)
      await eventually(() => bench.agent.pool('p').ended)
      expect(changeable(pool)).toEqual(before)
      const reports = bench.agent.all('p').length
      await (await bench.take(pool)).release()
      expect((await bench.totals()).checkouts).toBe(1)
      expect(bench.agent.all('p')).toHaveLength(reports)
      driver.unwatch(pool)
    })

    it('takes a pool that was unwatched into watch again', async () => {
      const pool = await bench.pool()
      await (await bench.take(pool)).release()
      driver.unwatch(pool)
      bench.watch(pool, 'anew')
      await (await bench.take(pool)).release()
      await bench.shows([0, null, 0, 0], 'anew')
      expect(await bench.totals('anew')).toMatchObject({ checkouts: 1, holds: 1 })
    })

    it.runIf(facts.ends)('says once that a pool was shut down, with nothing left in it', async () => {
      const pool = await bench.pool()
      await (await bench.take(pool)).release()
      await driver.endPool(pool)
      const last = await eventually(() => bench.agent.all('p').find(({ ended }) => ended) ?? false)
      expect(last).toMatchObject({ inUse: 0, idle: 0, connecting: 0, waiting: 0, sessionPids: [] })
      const reports = bench.agent.all('p').length
      const totals = await bench.totals()
      if (facts.creates) expect(totals.destroyed).toBe(totals.created)
      expect(bench.agent.all('p')).toHaveLength(reports)
    })

    it('leaves alone what is not its pool, and everything where measuring is off', async () => {
      for (const thing of [{}, Object.freeze({}), [], new Map()]) {
        expect(driver.watch(thing as Pool, { url: bench.agent.url })).toBe(thing)
        driver.unwatch(thing)
      }
      const pool = await bench.unwatched()
      const before = changeable(pool)
      driver.watch(pool, { url: 'off' })
      expect(changeable(pool)).toEqual(before)
    })

    declareProcess(driver)
  })
}

/** What an adapter could have left on a pool: its functions and its symbols. */
function changeable(pool: object): [PropertyKey, unknown][] {
  return Reflect.ownKeys(pool)
    .map((key): [PropertyKey, unknown] => [key, Reflect.get(pool, key)])
    .filter(([key, value]) => typeof value === 'function' || String(key).includes('poolscope'))
}
