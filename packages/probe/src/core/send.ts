import {
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
} from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'

/** How the agent answered; `null` when it did not. What is too long of the body is left out. */
export type Answer = { status: number; retryAfterMs: number | null; body: string } | null

/** Longest that one report may take from the first byte sent to the last byte received. */
const TIMEOUT_MS = 2000
/** Below this, compressing costs more time than the bytes it saves. */
const GZIP_ABOVE_BYTES = 8 * 1024
const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/
/** Longest answer that is read. */
const MOST_BODY_BYTES = 64 * 1024
const compress = promisify(gzip)

/** One kept-alive connection to an agent, on which one report is sent at a time. */
export class Sender {
  readonly #url: URL
  readonly #headers: Record<string, string>
  readonly #connections: HttpAgent

  /** @param userAgent what the requests call themselves */
  constructor(url: URL, token: string | null, userAgent: string) {
    this.#url = url
    this.#headers = { 'content-type': 'application/json', 'user-agent': userAgent }
    if (token !== null) this.#headers.authorization = `Bearer ${token}`
    const Connections = url.protocol === 'https:' ? HttpsAgent : HttpAgent
    this.#connections = new Connections({ keepAlive: true, maxSockets: 1 })
  }

  /** Sends one report. Never rejects, and does not keep the process alive. */
  async send(json: string): Promise<Answer> {
    try {
      const plain = Buffer.from(json)
      const body = pays(plain.length, this.#url.hostname) ? await compress(plain, { level: 1 }) : plain
      return await this.#post(body, body !== plain)
    } catch {
      return null
    }
  }

  #post(body: Buffer, compressed: boolean): Promise<Answer> {
    return new Promise((resolve) => {
      const headers: Record<string, string | number> = { ...this.#headers, 'content-length': body.length }
      if (compressed) headers['content-encoding'] = 'gzip'
      const post = this.#url.protocol === 'https:' ? httpsRequest : httpRequest
      const request = post(this.#url, { method: 'POST', agent: this.#connections, headers })
      const deadline = setTimeout(() => request.destroy(), TIMEOUT_MS)
      deadline.unref()
      const settle = (answer: Answer) => {
        clearTimeout(deadline)
        resolve(answer)
      }
      listen(request, settle)
      request.end(body)
    })
  }
}

function listen(request: ClientRequest, settle: (answer: Answer) => void): void {
  request.on('socket', (socket) => socket.unref())
  request.on('error', () => settle(null))
  request.on('close', () => settle(null))
  request.on('response', (response) => {
    response.on('error', () => settle(null))
    const chunks: Buffer[] = []
    let bytes = 0
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes <= MOST_BODY_BYTES) chunks.push(chunk)
    })
    response.on('end', () => settle(answerOf(response, Buffer.concat(chunks).toString())))
  })
}

function answerOf({ statusCode, headers }: IncomingMessage, body: string): Answer {
  if (statusCode === undefined) return null
  return { status: statusCode, retryAfterMs: retryAfterMs(headers['retry-after'], Date.now()), body }
}

/** The wait that a `Retry-After` header asks for, in seconds or as a date; `null` without one. */
export function retryAfterMs(header: string | undefined, nowEpochMs: number): number | null {
  if (header === undefined || header.trim() === '') return null
  const seconds = Number(header)
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - nowEpochMs
  return Number.isFinite(ms) ? Math.max(0, ms) : null
}

/** Whether a body of this size is worth compressing on the way to that host; never on the same machine. */
export function pays(bytes: number, host: string): boolean {
  return bytes > GZIP_ABOVE_BYTES && !LOOPBACK.test(host)
}
