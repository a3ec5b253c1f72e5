import { connect, type Socket } from 'node:net'
import { Binary, type Document } from 'bson'
import { ScramClient } from './mongodb-scram.ts'
import { messageReader, type WireMessage, writeMsg } from './mongodb-wire.ts'

/** How to connect. */
export type MongoClientOptions = {
  host: string
  port: number
  application: string
  user?: string
  password?: string
}

/**
 * One connection to a MongoDB, without a pool and without the second connection by which drivers monitor a server: so
 * many of these are so many connections there.
 */
export class MongoConnection {
  readonly #socket: Socket
  readonly #waiting: { resolve(body: Document): void; reject(error: Error): void }[] = []
  #requestId = 0
  #error: Error | null = null
  #id = Number.NaN

  private constructor({ host, port }: MongoClientOptions) {
    this.#socket = connect({ host, port })
    const take = messageReader(({ body }: WireMessage) => this.#waiting.shift()?.resolve(body))
    this.#socket.on('data', take)
    this.#socket.on('error', (error) => this.#fail(error))
    this.#socket.on('close', () => this.#fail(new Error('the connection was closed')))
  }

  /** Connects and logs in. @throws Error of the system or the server; nothing is left open then */
  static async open(options: MongoClientOptions): Promise<MongoConnection> {
    const connection = new MongoConnection(options)
    try {
      await connection.#begin(options)
      return connection
    } catch (error) {
      connection.close()
      throw error
    }
  }

  /** The server's id of this connection. */
  get id(): number {
    return this.#id
  }

  /** Runs a command. @throws Error with the server's `code` where it refuses */
  async command(body: Document, database = 'admin'): Promise<Document> {
    const reply = await new Promise<Document>((resolve, reject) => {
      if (this.#error !== null) reject(this.#error)
      this.#waiting.push({ resolve, reject })
      this.#socket.write(writeMsg(++this.#requestId, 0, { ...body, $db: database }))
    })
    if (reply.ok !== 1) throw Object.assign(new Error(String(reply.errmsg)), { code: reply.code })
    return reply
  }

  close(): void {
    this.#socket.destroy()
  }

  async #begin({ application, user, password }: MongoClientOptions): Promise<void> {
    const driver = { name: 'testkit', version: '1' }
    const client = { application: { name: application }, driver, os: { type: process.platform } }
    const { connectionId } = await this.command({ hello: 1, client })
    this.#id = Number(connectionId)
    if (user === undefined || password === undefined) return
    const scram = new ScramClient(user, password)
    const start = await this.command({
      saslStart: 1,
      mechanism: 'SCRAM-SHA-256',
      payload: new Binary(Buffer.from(scram.first)),
      options: { skipEmptyExchange: true },
    })
    const answer = scram.answer(payloadText(start))
    await this.command({
      saslContinue: 1,
      conversationId: start.conversationId,
      payload: new Binary(Buffer.from(answer)),
    })
  }

  #fail(error: Error): void {
    this.#error ??= error
    for (const { reject } of this.#waiting.splice(0)) reject(this.#error)
  }
}

/** The text of a step of an authentication. */
export function payloadText({ payload }: Document): string {
  return payload instanceof Binary ? Buffer.from(payload.buffer).toString() : String(payload)
}
