import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import { type PoolReport, type Report, type ReportReply, ReportSchema } from '@poolscope/protocol'
import { Ajv } from 'ajv'

/** One request as it arrived. */
export type Received = { report: Report; bytes: number; headers: IncomingMessage['headers'] }

/** An agent's intake that keeps what it is sent, refuses what the schema refuses, and answers as it is told. */
export class FakeAgent {
  readonly received: Received[] = []
  /** What the schema did not allow. */
  readonly invalid: unknown[] = []
  /** Answers instead of 202, while set. */
  answer: ((response: ServerResponse) => void) | null = null
  /** Limits that it wants in force. */
  wanted: NonNullable<ReportReply['setMax']> = []
  /** Takes in so many reports whose answer gets lost on its way. */
  lostAnswers = 0
  /** Requests that came in, refused ones too. */
  requests = 0
  connections = 0
  readonly #server: Server
  readonly #validate = new Ajv({ strict: false }).compile(ReportSchema)

  private constructor(server: Server) {
    this.#server = server
    server.keepAliveTimeout = 60_000
    server.on('connection', () => this.connections++)
    server.on('request', (request, response) => this.#take(request, response))
  }

  static async start(port = 0): Promise<FakeAgent> {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    return new FakeAgent(server)
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** The newest report of a pool. */
  pool(name: string): PoolReport {
    const last = this.all(name).at(-1)
    if (last === undefined) throw new Error(`no report of ${name}`)
    return last
  }

  /** All reports of a pool, oldest first. One that came again counts once, as it does for a real agent. */
  all(name: string): PoolReport[] {
    const reports = new Map(
      this.received.map(({ report }) => [`${report.service} ${report.instance} ${report.sequence}`, report]),
    )
    return [...reports.values()].flatMap(({ pools }) => pools.filter((pool) => pool.name === name))
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requests++
    const chunks: Buffer[] = []
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer)
    } catch {
      // Broken off on its way.
      return
    }
    if (this.answer !== null) return this.answer(response)
    const body = Buffer.concat(chunks)
    const text = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body
    const report: unknown = JSON.parse(text.toString())
    if (!this.#validate(report)) this.invalid.push(this.#validate.errors)
    this.received.push({ report: report as Report, bytes: body.length, headers: request.headers })
    if (this.lostAnswers > 0) {
      this.lostAnswers--
      response.destroy()
      return
    }
    response.writeHead(202, { 'content-type': 'application/json' })
    response.end(
      JSON.stringify({ accepted: 1, dropped: 0, ...(this.wanted.length > 0 && { setMax: this.wanted }) }),
    )
  }
}

/** A report that takes longer is broken off by the probe, and sent again with the next flush. */
const BROKEN_OFF_MS = 2000

/** Flushes until what there is to report has arrived: a machine may stand still for as long as a report may take. */
export async function delivered(flush: () => Promise<void>): Promise<void> {
  for (;;) {
    const startMs = performance.now()
    await flush()
    if (performance.now() - startMs < BROKEN_OFF_MS) return
  }
}

/** Waits until `found` answers something else than `undefined` or `false`. @throws after the deadline */
export async function until<T>(found: () => T | undefined | false, withinMs = 45_000): Promise<T> {
  const deadline = performance.now() + withinMs
  for (;;) {
    const value = found()
    if (value !== undefined && value !== false) return value
    if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms: ${found}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
