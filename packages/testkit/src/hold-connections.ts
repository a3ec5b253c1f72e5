import { connect } from 'node:net'
import { Client } from 'pg'

/** Connections that are held until `stop`. */
export type HeldConnections = {
  /** Process ids of the server sessions, in the order in which they were opened. */
  readonly pids: readonly number[]
  /** Closes them, ending what still runs; resolves when the server has let go of them. */
  stop(): Promise<void>
}

/** How connections are held. */
export type HoldOptions = {
  /** `application_name`; `held` unless given. */
  application?: string
  /** Opens a transaction and leaves it open. */
  inTransaction?: boolean
  /** A statement to start and not wait for, such as `SELECT pg_sleep(60)`. */
  query?: string
}

/**
 * Opens `n` real connections, beside any pool, and holds them.
 * @throws Error of the driver when one cannot be opened; none is left open then
 */
export async function holdConnections(
  url: string,
  n: number,
  options: HoldOptions = {},
): Promise<HeldConnections> {
  const opened = await Promise.allSettled(Array.from({ length: n }, () => Held.open(url, options)))
  const held = opened.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  const failed = opened.find((result) => result.status === 'rejected')
  if (failed !== undefined) {
    await stopAll(held)
    throw failed.reason
  }
  return { pids: held.map(({ pid }) => pid), stop: () => stopAll(held) }
}

/**
 * Takes every slot that the role of `url` may still have, so that the next one is refused. A superuser takes the
 * reserved slots as well: name an ordinary role.
 * @throws Error of the driver for any other refusal than "too many connections"
 */
export async function fillConnections(url: string, application = 'filler'): Promise<HeldConnections> {
  const held: Held[] = []
  for (;;) {
    try {
      held.push(await Held.open(url, { application }))
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === TOO_MANY) {
        return { pids: held.map(({ pid }) => pid), stop: () => stopAll(held) }
      }
      await stopAll(held)
      throw error
    }
  }
}

const TOO_MANY = '53300'

/** What the driver knows of its session besides its public type. */
type Session = { processID: number; secretKey: number; host: string; port: number }

class Held {
  readonly #client: Client
  readonly #closed: Promise<void>
  /** Resolves when the statement has ended, however it ended; at once where there is none. */
  #running: Promise<unknown> = Promise.resolve()
  #busy = false

  private constructor(client: Client) {
    this.#client = client
    client.on('error', () => {})
    this.#closed = new Promise((resolve) => client.once('end', resolve))
  }

  static async open(url: string, { application = 'held', inTransaction, query }: HoldOptions): Promise<Held> {
    const client = new Client({ connectionString: url, application_name: application })
    const held = new Held(client)
    await client.connect()
    if (inTransaction === true) await client.query('BEGIN')
    if (query !== undefined) {
      held.#busy = true
      held.#running = client
        .query(query)
        .catch(() => {})
        .finally(() => {
          held.#busy = false
        })
    }
    return held
  }

  get #session(): Session {
    return this.#client as unknown as Session
  }

  get pid(): number {
    return this.#session.processID
  }

  async stop(): Promise<void> {
    // A session that runs a statement does not see its client leave.
    if (this.#busy) await cancel(this.#session)
    await this.#running
    await this.#client.end().catch(() => {})
    await this.#closed
  }
}

async function stopAll(held: readonly Held[]): Promise<void> {
  await Promise.all(held.map((one) => one.stop()))
}

/** Asks the server to end the statement of a session. Takes no slot, so that it works on a full server. */
async function cancel({ host, port, processID, secretKey }: Session): Promise<void> {
  const request = Buffer.alloc(16)
  request.writeInt32BE(16, 0)
  request.writeInt32BE(80_877_102, 4)
  request.writeInt32BE(processID, 8)
  request.writeInt32BE(secretKey, 12)
  await new Promise<void>((resolve) => {
    const socket = connect({ host, port }, () => socket.end(request))
    socket.on('error', () => {})
    socket.once('close', () => resolve())
    socket.resume()
  })
}
