import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { threadId } from 'node:worker_threads'

/** What a user may say about a watched pool; everything has a default. */
export type WatchOptions = {
  /** Name of the pool within its service. Default: the name of its database, else `pool`. */
  name?: string
  /** The service. Default: `OTEL_SERVICE_NAME`, else the name in `package.json`, else the process's title. */
  service?: string
  /** This process among those of the service. Default: `hostname:pid`. */
  instance?: string
  /** Base address of the agent; `off` measures nothing. Default: `POOLSCOPE_URL`, else `http://127.0.0.1:7077`. */
  url?: string
  /** Token that the agent asks for. Default: `POOLSCOPE_TOKEN`, else none. */
  token?: string
  /**
   * One checkout in this many has its stack captured, besides the first sixteen between two reports. Default 64.
   * 1 captures every one and costs 2 to 4 µs a checkout; 0 captures none and saves 50 to 80 ns.
   */
  stackEvery?: number
  /**
   * Hands out a stand-in for each connection of `pg` or `mysql2`, so that one whose holder was collected as garbage is
   * known to be lost. For development: a checkout and each call take microseconds more. Default `false`.
   */
  proveLeaks?: boolean
  /**
   * Tells which of a process's HTTP requests each checkout was for, so that a replay knows which checkouts follow each
   * other. Default false: an `AsyncLocalStorage` costs 0.2 to 0.5 µs a checkout, and something on every other await.
   */
  callers?: boolean
}

/** Who reports, and to whom: pools with the same destination travel in one request. */
export type Destination = { url: URL; token: string | null; service: string; instance: string }

const DEFAULT_URL = 'http://127.0.0.1:7077'
const DEFAULT_STACK_EVERY = 64
const NAME_LENGTH = 200

/**
 * Where a pool's reports go and under which name.
 * @returns `null` where measuring is switched off, or the address is not one of HTTP
 */
export function destinationOf(options: WatchOptions, env: NodeJS.ProcessEnv): Destination | null {
  const address = given(options.url) ?? given(env.POOLSCOPE_URL) ?? DEFAULT_URL
  if (address === 'off') return null
  const url = reportUrl(address)
  if (url === null) return null
  return {
    url,
    token: given(options.token) ?? given(env.POOLSCOPE_TOKEN) ?? null,
    service: shortened(
      given(options.service) ?? given(env.OTEL_SERVICE_NAME) ?? packageName(env) ?? process.title,
    ),
    instance: shortened(given(options.instance) ?? defaultInstance()),
  }
}

/** The name to report a pool under; see {@link WatchOptions}. */
export function poolName(options: WatchOptions, database: string | null): string {
  return shortened(given(options.name) ?? given(database) ?? 'pool')
}

/** One capture in how many checkouts; see {@link WatchOptions}. What is no whole number from 0 on is the default. */
export function stackEvery(options: WatchOptions): number {
  const every = options.stackEvery
  return every !== undefined && Number.isSafeInteger(every) && every >= 0 ? every : DEFAULT_STACK_EVERY
}

/** `/api/v1/reports` below the agent's base address, which may have a path of its own. */
function reportUrl(address: string): URL | null {
  try {
    const url = new URL(address)
    if (url.protocol !== 'http:' && url.protocol !== 'https:') return null
    url.pathname = `${url.pathname.replace(/\/+$/, '')}/api/v1/reports`
    url.search = ''
    url.hash = ''
    return url
  } catch {
    return null
  }
}

function defaultInstance(): string {
  const worker = threadId === 0 ? '' : `/${threadId}`
  return `${hostname()}:${process.pid}${worker}`
}

function packageName(env: NodeJS.ProcessEnv): string | null {
  if (given(env.npm_package_name) !== null) return given(env.npm_package_name)
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(process.cwd(), 'package.json'), 'utf8'))
    return given((manifest as { name?: unknown } | null)?.name)
  } catch {
    return null
  }
}

function given(value: unknown): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null
}

function shortened(name: string): string {
  return name.slice(0, NAME_LENGTH)
}
