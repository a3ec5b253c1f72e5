import type { AddressInfo } from 'node:net'
import { createServer, type Server, type Socket } from 'node:net'
import { flush, type WatchOptions, watch } from '@poolscope/probe/pg'
import type { PoolReport } from '@poolscope/protocol'
import { Client, Pool, type PoolConfig } from 'pg'
import { expect } from 'vitest'
import { delivered, FakeAgent } from './agent.ts'

/** A statement that runs until {@link wakeAll}: nobody knows how long a test takes on a busy machine. */
export const SLEEP = 'SELECT pg_sleep(600)'

/** Ends every {@link SLEEP} of a server; each fails with a word of it. */
export async function wakeAll(url: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  await client.query(
    "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND pid <> pg_backend_pid()",
  )
  await client.end()
}

/** What happened in a pool since it is watched, over all its reports. */
export type Totals = Record<'checkouts' | 'timeouts' | 'errors' | 'created' | 'destroyed', number> & {
  waits: number
  holds: number
  creates: number
}

/** A watched pool with the agent that it reports to. */
export class Bench {
  readonly agent: FakeAgent
  readonly url: string
  readonly #pools: Pool[] = []

  private constructor(agent: FakeAgent, url: string) {
    this.agent = agent
    this.url = url
  }

  static async start(url: string): Promise<Bench> {
    return new Bench(await FakeAgent.start(), url)
  }

  pool(config: PoolConfig, options: WatchOptions = {}): Pool {
    const pool = new Pool({ connectionString: this.url, ...config })
    pool.on('error', () => {})
    this.#pools.push(pool)
    return watch(pool, { url: this.agent.url, name: 'p', ...options })
  }

  /** The pool's numbers now. Whatever they are, they add up to what the driver says of itself. */
  async now(pool: Pool, name = 'p'): Promise<PoolReport> {
    await delivered(flush)
    const report = this.agent.pool(name)
    expect(report.inUse + report.idle + report.connecting).toBe(pool.totalCount)
    expect(pool.totalCount).toBeLessThanOrEqual(pool.options.max)
    expect(report.window.inUsePeak).toBeLessThanOrEqual(pool.options.max)
    return report
  }

  /** In use, idle, connecting, waiting. */
  async gauges(pool: Pool, name = 'p'): Promise<[number, number, number, number]> {
    const { inUse, idle, connecting, waiting } = await this.now(pool, name)
    return [inUse, idle, connecting, waiting]
  }

  async totals(name = 'p'): Promise<Totals> {
    await delivered(flush)
    const windows = this.agent.all(name).map((report) => report.window)
    const sum = (of: (window: PoolReport['window']) => number) =>
      windows.reduce((total, w) => total + of(w), 0)
    const counted = (histogram: { buckets: number[] }) =>
      histogram.buckets.reduce((total, value, i) => total + (i % 2 === 1 ? value : 0), 0)
    return {
      checkouts: sum((w) => w.checkouts),
      timeouts: sum((w) => w.timeouts),
      errors: sum((w) => w.errors),
      created: sum((w) => w.created),
      destroyed: sum((w) => w.destroyed),
      waits: sum((w) => counted(w.wait)),
      holds: sum((w) => counted(w.hold)),
      creates: sum((w) => counted(w.create)),
    }
  }

  async stop(): Promise<void> {
    for (const pool of this.#pools) if (!pool.ending) void pool.end()
    await flush()
    expect(this.agent.invalid).toEqual([])
    await this.agent.stop()
  }
}

/** A server that accepts connections and never says a word. */
export class SilentServer {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor(server: Server) {
    this.#server = server
    server.on('connection', (socket) => this.#sockets.add(socket.on('error', () => {})))
  }

  static async start(): Promise<SilentServer> {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return new SilentServer(server)
  }

  get url(): string {
    return `postgres://u@127.0.0.1:${(this.#server.address() as AddressInfo).port}/d`
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
