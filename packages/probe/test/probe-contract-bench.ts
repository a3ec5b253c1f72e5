import type { PoolReport } from '@poolscope/protocol'
import { eventually } from '@poolscope/testkit'
import { expect } from 'vitest'
import { delivered, FakeAgent } from './agent.ts'
import type { Hold, PoolWish, ProbeDriver } from './probe-contract-driver.ts'

/** What was counted of a pool since it is watched, over all its reports. */
export type ContractTotals = Record<
  'checkouts' | 'timeouts' | 'errors' | 'created' | 'destroyed' | 'waits' | 'holds' | 'creates',
  number
> & { waitMs: number; holdMs: number; createMs: number }

/** One test's pools, and the agent that they report to. */
export class ContractBench<Pool extends object> {
  readonly agent: FakeAgent
  readonly #driver: ProbeDriver<Pool>
  readonly #pools: Pool[] = []
  readonly #holds = new Set<Hold>()

  private constructor(agent: FakeAgent, driver: ProbeDriver<Pool>) {
    this.agent = agent
    this.#driver = driver
  }

  static async start<Pool extends object>(driver: ProbeDriver<Pool>): Promise<ContractBench<Pool>> {
    return new ContractBench(await FakeAgent.start(), driver)
  }

  /** A pool that is not watched. */
  async unwatched(wish: Partial<PoolWish> = {}): Promise<Pool> {
    const { max } = this.#driver.facts
    const pool = await this.#driver.createPool({ max, acquireTimeoutMs: null, at: null, ...wish })
    this.#pools.push(pool)
    return pool
  }

  watch(pool: Pool, name = 'p'): unknown {
    return this.#driver.watch(pool, { url: this.agent.url, name, stackEvery: 1 })
  }

  async pool(wish: Partial<PoolWish> = {}): Promise<Pool> {
    const pool = await this.unwatched(wish)
    this.watch(pool)
    return pool
  }

  /** Asks for a connection that is given back at the end of the test at the latest. */
  async take(pool: Pool): Promise<Hold> {
    const hold = await this.#driver.checkOut(pool)
    this.#holds.add(hold)
    return {
      sessionPid: hold.sessionPid,
      release: () => {
        this.#holds.delete(hold)
        return hold.release()
      },
    }
  }

  /** The pool's numbers now. */
  async now(name = 'p'): Promise<PoolReport> {
    await delivered(this.#driver.flush)
    return this.agent.pool(name)
  }

  /** Waits until a report shows these in use, idle, connecting and waiting, and answers it. A number that is `null` may be any. */
  shows(gauges: readonly (number | null)[], name = 'p'): Promise<PoolReport> {
    return eventually(async () => {
      const report = await this.now(name)
      const { inUse, idle, connecting, waiting } = report
      const found = [inUse, idle, connecting, waiting]
      expect(found).toEqual(found.map((value, i) => gauges[i] ?? value))
      return report
    })
  }

  async totals(name = 'p'): Promise<ContractTotals> {
    await delivered(this.#driver.flush)
    const windows = this.agent.all(name).map((report) => report.window)
    const sum = (of: (window: PoolReport['window']) => number) =>
      windows.reduce((total, window) => total + of(window), 0)
    const counted = ({ buckets }: { buckets: number[] }) =>
      buckets.reduce((total, value, i) => total + (i % 2 === 1 ? value : 0), 0)
    return {
      checkouts: sum((window) => window.checkouts),
      timeouts: sum((window) => window.timeouts),
      errors: sum((window) => window.errors),
      created: sum((window) => window.created),
      destroyed: sum((window) => window.destroyed),
      waits: sum((window) => counted(window.wait)),
      holds: sum((window) => counted(window.hold)),
      creates: sum((window) => counted(window.create)),
      waitMs: sum((window) => window.wait.sumMs),
      holdMs: sum((window) => window.hold.sumMs),
      createMs: sum((window) => window.create.sumMs),
    }
  }

  /** Gives everything back, ends what is open, and holds every report against the schema. */
  async stop(): Promise<void> {
    for (const hold of this.#holds) await hold.release()
    for (const pool of this.#pools) {
      this.#driver.unwatch(pool)
      // A pool that waits for a server that never answers is not waited for.
      void Promise.resolve(this.#driver.endPool(pool)).catch(() => {})
    }
    await this.#driver.flush()
    expect(this.agent.invalid).toEqual([])
    await this.agent.stop()
  }
}
