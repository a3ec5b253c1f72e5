import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { ApiError } from '../routes/api-error.ts'
import { readEmbedToken } from './embed-token.ts'

/** Name of the cookie that a signed-in browser holds; scripts cannot read it. */
export const SESSION_COOKIE = 'poolscope_session'
const SESSION_MS = 12 * 3600_000
const MAX_SESSIONS = 1000
/** What a card in a frame asks for. */
const EMBEDDED = new Set(['GET /api/v1/groups/:id', 'GET /api/v1/groups/:id/history'])

/** Who may speak to the agent. */
export type AccessOptions = {
  /** The shared secret; null when only this machine can reach the agent. */
  token: string | null
  /** The address that the agent listens on. */
  host: string
  allowedHosts: readonly string[]
  allowedOrigins: readonly string[]
  now: () => number
}

/**
 * Decides on every request before its body is read: the Host it names (against DNS rebinding),
 * the Origin it comes from (against foreign pages), and the token or the session cookie.
 */
export class Access {
  readonly #options: AccessOptions
  readonly #hosts: ReadonlySet<string>
  #sessions = new Map<string, number>()
  /** The last Host that was let in: senders repeat theirs. */
  #lastHost: string | undefined

  constructor(options: AccessOptions) {
    this.#options = options
    this.#hosts = new Set([
      'localhost',
      '127.0.0.1',
      '[::1]',
      options.host.toLowerCase(),
      ...options.allowedHosts,
    ])
  }

  /** Fastify's `onRequest` hook for every route. */
  check(request: FastifyRequest, _reply: FastifyReply, done: (error?: Error) => void): void {
    try {
      this.#checkHost(request.headers.host)
      this.#checkOrigin(request)
      if (this.#options.token !== null && needsToken(request)) this.#checkToken(request)
      done()
    } catch (error) {
      done(error as Error)
    }
  }

  /** The same for a program that sends reports: it has the token and no cookie. @throws ApiError */
  checkSender(request: IncomingMessage): void {
    this.#checkHost(request.headers.host)
    this.#checkOrigin(request)
    if (this.#options.token === null) return
    const bearer = bearerOf(request)
    if (bearer === undefined || !this.#isToken(bearer)) refuseToken()
  }

  /** Opens a browser session for the right token. @throws ApiError `unauthorized` */
  signIn(token: string): { id: string; maxAgeSec: number } {
    if (!this.#isToken(token)) throw new ApiError('unauthorized', 'That is not the token of this agent.')
    const atMs = this.#options.now()
    for (const [id, untilMs] of this.#sessions) {
      if (untilMs < atMs || this.#sessions.size >= MAX_SESSIONS) this.#sessions.delete(id)
    }
    const id = randomBytes(32).toString('base64url')
    this.#sessions.set(digest(id), atMs + SESSION_MS)
    return { id, maxAgeSec: SESSION_MS / 1000 }
  }

  #checkHost(header: string | undefined): void {
    // With a token and an address that is not loopback the agent has names it cannot know.
    if (this.#options.token !== null && !isLoopback(this.#options.host)) return
    if (header !== undefined && header === this.#lastHost) return
    const name = (header ?? '').toLowerCase().replace(/:\d+$/, '')
    if (!this.#hosts.has(name)) {
      throw new ApiError('misdirected_host', 'This Host is not one of the agent; add it to allowedHosts.')
    }
    this.#lastHost = header
  }

  #checkOrigin(request: Pick<IncomingMessage, 'headers' | 'method'>): void {
    const { origin, host } = request.headers
    const changes = request.method !== 'GET' && request.method !== 'HEAD' && request.method !== 'OPTIONS'
    const upgrade = request.headers.upgrade !== undefined
    if (changes && request.headers['sec-fetch-site'] === 'cross-site') refuseOrigin()
    if (origin === undefined || !(changes || upgrade)) return
    if (this.#options.allowedOrigins.includes(origin)) return
    if (hostOf(origin) !== host?.toLowerCase()) refuseOrigin()
  }

  #checkToken(request: FastifyRequest): void {
    const bearer = bearerOf(request)
    if (bearer !== undefined && (this.#isToken(bearer) || this.#mayRead(bearer, request))) return
    const cookie = request.cookies?.[SESSION_COOKIE]
    if (cookie !== undefined && (this.#sessions.get(digest(cookie)) ?? -1) > this.#options.now()) return
    refuseToken()
  }

  /** An embed link reads one pool group, and nothing else. */
  #mayRead(bearer: string, request: FastifyRequest): boolean {
    const { token, now } = this.#options
    if (token === null || !EMBEDDED.has(`${request.method} ${request.routeOptions.url}`)) return false
    const grant = readEmbedToken(token, bearer, now())
    return grant !== null && (request.params as { id?: unknown }).id === grant.groupId
  }

  #isToken(given: string): boolean {
    const { token } = this.#options
    return token !== null && timingSafeEqual(Buffer.from(digest(given)), Buffer.from(digest(token)))
  }
}

function bearerOf({ headers }: Pick<IncomingMessage, 'headers'>): string | undefined {
  return /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1]
}

/** True for addresses that only this machine can reach. */
function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host)
}

/** The pages themselves hold no data; live and ready checks are for orchestrators without a token. */
function needsToken(request: FastifyRequest): boolean {
  const url = request.routeOptions.url ?? ''
  if (url === '/api/v1/session') return false
  return url.startsWith('/api/') || url === '/metrics' || url === '/health/db'
}

function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host.toLowerCase() : null
}

function refuseOrigin(): never {
  throw new ApiError('forbidden_origin', 'Pages of this origin may not do that; add it to allowedOrigins.')
}

function refuseToken(): never {
  throw new ApiError('unauthorized', 'Send the agent’s token as "Authorization: Bearer …" or sign in.')
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
