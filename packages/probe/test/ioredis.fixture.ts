import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { requireProgram, type TempDir, tempDir } from '@poolscope/testkit'
import Redis from 'ioredis'

/** A real Redis that is this test's own. */
export type OwnRedis = {
  readonly host: string
  readonly port: number
  /** Asks it over a connection that nobody watches. */
  readonly control: Redis
  /** Stops it and keeps its port. */
  halt(): Promise<void>
  start(): Promise<void>
  stop(): Promise<void>
}

/** Starts a Redis on a free port of 127.0.0.1, which keeps nothing and ends with this process. */
export async function startRedis(...settings: string[]): Promise<OwnRedis> {
  const dir = await tempDir()
  for (;;) {
    const run = new Run(dir, await freePort(), settings)
    if (await run.serves()) return run
    // Somebody else took the port meanwhile.
    run.control.disconnect()
  }
}

class Run implements OwnRedis {
  readonly host = '127.0.0.1'
  readonly port: number
  readonly control: Redis
  readonly #dir: TempDir
  readonly #settings: string[]
  #end: (() => Promise<void>) | null = null

  constructor(dir: TempDir, port: number, settings: string[]) {
    this.#dir = dir
    this.port = port
    this.#settings = settings
    this.control = new Redis({ port, lazyConnect: true, retryStrategy: () => 20, maxRetriesPerRequest: null })
    this.control.on('error', () => {})
  }

  async start(): Promise<void> {
    if (!(await this.serves())) throw new Error(`Redis did not start on port ${this.port}`)
  }

  /** Starts it. Answers false when it ended at once. */
  async serves(): Promise<boolean> {
    const own = ['--port', String(this.port), '--bind', this.host, '--save', '', '--dir', this.#dir.path]
    const program = requireProgram({ program: 'redis-server', name: 'Redis', debian: 'redis-server' })
    const child = spawn(program, [...own, ...this.#settings], { stdio: 'ignore' })
    const kill = () => child.kill('SIGKILL')
    process.once('exit', kill)
    await once(child, 'spawn')
    this.#end = async () => {
      process.removeListener('exit', kill)
      const gone = once(child, 'exit')
      if (child.kill('SIGKILL')) await gone
    }
    const ended = once(child, 'exit').then(() => false)
    return await Promise.race([this.control.ping().then(() => true), ended])
  }

  async halt(): Promise<void> {
    await this.#end?.()
    this.#end = null
  }

  async stop(): Promise<void> {
    this.control.disconnect()
    await this.halt()
    await this.#dir.stop()
  }
}

/** A port that was free a moment ago. A cluster's node needs the one 10,000 above it too. */
async function freePort(): Promise<number> {
  for (;;) {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    await new Promise((resolve) => server.close(resolve))
    if (typeof address === 'object' && address !== null && address.port < 50_000) return address.port
  }
}

/** Three nodes that share all slots. */
export async function startCluster(): Promise<OwnRedis[]> {
  const enabled = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '2000']
  const nodes = await Promise.all([0, 1, 2].map(() => startRedis(...enabled)))
  try {
    await join(nodes)
    return nodes
  } catch (error) {
    await Promise.all(nodes.map((node) => node.stop()))
    throw error
  }
}

async function join(nodes: readonly OwnRedis[]): Promise<void> {
  const share = Math.ceil(16_384 / nodes.length)
  for (const [i, { control }] of nodes.entries()) {
    await control.call('CLUSTER', 'ADDSLOTSRANGE', i * share, Math.min((i + 1) * share, 16_384) - 1)
    // As long as it knows no other node.
    await control.call('CLUSTER', 'SET-CONFIG-EPOCH', i + 1)
  }
  for (const { control } of nodes) {
    for (const { host, port } of nodes) await control.call('CLUSTER', 'MEET', host, port)
  }
  for (const { control } of nodes) {
    for (;;) {
      if (String(await control.call('CLUSTER', 'INFO')).includes('cluster_state:ok')) break
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}
