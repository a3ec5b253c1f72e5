import type { CatalogueMessage, HelloMessage, LiveMessage, TickMessage } from '@poolscope/protocol'
import { eventually } from '@poolscope/testkit'
import { WebSocket } from 'ws'

type Numbers = Record<string, number | null | undefined>

/** One frame as a page reads it: numbers by column name, by id. */
export type Frame = { atMs: number; pools: Map<string, Numbers>; servers: Map<string, Numbers> }

/** A client of the live stream that keeps what it got. */
export class LiveReader {
  /** Everything as it came. */
  readonly texts: string[] = []
  readonly frames: Frame[] = []
  readonly #socket: WebSocket
  #hello: HelloMessage | null = null
  #catalogue: CatalogueMessage | null = null

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.on('error', () => {})
    socket.on('message', (data) => this.#take(String(data)))
  }

  /** Connects to an agent and waits for its greeting. */
  static async open(agentUrl: string, token: string | null = null): Promise<LiveReader> {
    const headers = token === null ? {} : { authorization: `Bearer ${token}` }
    const reader = new LiveReader(new WebSocket(`${agentUrl}/api/v1/live`.replace('http', 'ws'), { headers }))
    await eventually(() => reader.#hello !== null)
    return reader
  }

  subscribe(topics: string[]): void {
    this.#socket.send(JSON.stringify({ type: 'subscribe', topics }))
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#socket.once('close', resolve))
    this.#socket.close()
    await closed
  }

  #take(text: string): void {
    this.texts.push(text)
    const message: LiveMessage = JSON.parse(text)
    if (message.type === 'hello') this.#hello = message
    if (message.type === 'catalogue' && message.topic === 'fleet') this.#catalogue = message
    if (message.type === 'tick' && message.topic === 'fleet') this.frames.push(this.#read(message))
  }

  #read(tick: TickMessage): Frame {
    const [hello, catalogue] = [this.#hello, this.#catalogue]
    if (hello === null || catalogue === null || catalogue.epoch !== tick.epoch) {
      throw new Error('a tick without the catalogue that names its rows')
    }
    return {
      atMs: tick.atMs,
      pools: byId(catalogue.pools, hello.poolColumns, tick.pools),
      servers: byId(catalogue.servers, hello.serverColumns, tick.servers),
    }
  }
}

function byId(rows: { id: string }[], names: readonly string[], columns: TickMessage['pools']) {
  const numbersOf = (row: number) => Object.fromEntries(names.map((name, i) => [name, columns[i]?.[row]]))
  return new Map<string, Numbers>(rows.map(({ id }, row) => [id, numbersOf(row)]))
}
