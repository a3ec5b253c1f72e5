import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Child, type Ending, endWithParent, startChild } from './child.ts'
import type { RunAs } from './run-as.ts'

const START_TIMEOUT_MS = 90_000
const PORT_ATTEMPTS = 5

/** What to run, and how to know that it serves. */
export type ServerSettings = {
  /** What it is called when it does not start. */
  name: string
  program: string
  /** Its arguments, asked for at each start. */
  args(): readonly string[]
  user: RunAs | null
  /** A folder of its own, removed when this process dies without doing so. */
  dir: string
  /** Whether it serves. What is thrown says that it does not yet. */
  isReady(child: Child): Promise<boolean> | boolean
  /** How it is ended, one after the other. */
  endings: readonly Ending[]
}

/** A server's program, which can be stopped and started again. It ends with this process, however that ends. */
export class ServerProgram {
  readonly #settings: ServerSettings
  #child: Child | null = null
  #callOffGuard: () => void = () => {}

  constructor(settings: ServerSettings) {
    this.#settings = settings
  }

  /** Process id, null while it is stopped. */
  get pid(): number | null {
    return this.#child?.pid ?? null
  }

  /** Starts it, unless it runs, and waits until it serves. @throws Error with its last lines */
  async start(): Promise<void> {
    if (this.#child !== null) return
    const { name, program, args, user, dir, isReady } = this.#settings
    const child = await startChild(program, args(), user)
    this.#child = child
    this.#callOffGuard = endWithParent(child.pid, dir)
    let ended = false
    void child.exited.then(() => {
      ended = true
    })
    const deadlineMs = performance.now() + START_TIMEOUT_MS
    for (;;) {
      if (ended || performance.now() > deadlineMs) {
        await this.stop()
        throw new Error(`${name} did not start: ${child.lastLines()}`)
      }
      try {
        if (await isReady(child)) return
      } catch {
        // Not yet.
      }
      await sleep(25)
    }
  }

  /** @param first what is tried before all else */
  async stop(...first: readonly Ending[]): Promise<void> {
    const child = this.#child
    this.#child = null
    this.#callOffGuard()
    await child?.end([...first, ...this.#settings.endings])
  }
}

/**
 * Starts a server on a free port. Somebody else may take a port after it was found free: then on another.
 * @param isTaken whether that is what an error says
 * @throws what `start` throws otherwise, or at the fifth time
 */
export async function onFreePort(
  start: (port: number) => Promise<void>,
  isTaken = (error: unknown) => String(error).includes('in use'),
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start(await freePort())
    } catch (error) {
      if (attempt >= PORT_ATTEMPTS || !isTaken(error)) throw error
    }
  }
}

/** A port of the loopback address that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
