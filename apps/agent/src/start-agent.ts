import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pino } from 'pino'
import { buildApp } from './app.ts'
import type { Config } from './config/config.ts'
import { Fleet } from './fleet/fleet.ts'
import { ConnectionBudget } from './sources/connection-budget.ts'
import { createSource, peerOf } from './sources/create-source.ts'
import { LiveHub } from './stream/live-hub.ts'
import { WatchedServers } from './watched-servers.ts'

/** One tick a second: fast enough to see a queue form, slow enough to cost nothing. */
const TICK_MS = 1000
const REPORTS_PER_SEC = 2000

/** A running agent. */
export type RunningAgent = {
  url: string
  port: number
  /** Stops sampling, closes every socket and the port. */
  close(): Promise<void>
}

/** The limits for leaks that are set; `null` for pools whose limit is learned. */
function quietLimits({ leakQuietMs }: Config): (service: string, name: string) => number | null {
  const limits = new Map(Object.entries(leakQuietMs))
  return (service, name) => limits.get(`${service}/${name}`) ?? limits.get('*') ?? null
}

/**
 * Starts the agent: fleet, sources, HTTP.
 * @throws Error with the code of the system, such as EADDRINUSE, when it cannot listen
 */
export async function startAgent(config: Config): Promise<RunningAgent> {
  const now = () => Date.now()
  const version = ownVersion()
  const fleet = new Fleet({ now, tickMs: TICK_MS, quietLimitMs: quietLimits(config) })
  const hub = new LiveHub(fleet, version)
  const app = await buildApp({
    fleet,
    hub,
    access: { ...config, now },
    embedParents: config.embedParents,
    version,
    dashboardDir: dashboardDir(),
    reportsPerSec: REPORTS_PER_SEC,
    logger: pino({ level: config.logLevel }),
  })
  await app.listen({ host: config.host, port: config.port })
  const budget = new ConnectionBudget()
  const servers = new WatchedServers({
    fleet,
    createSource: (target) => createSource(target, { now, random: Math.random }, budget),
    peerOf,
    warn: (message) => app.log.warn(message),
  })
  servers.start(config.servers)
  const ticker = setInterval(() => hub.broadcast(fleet.tick()), TICK_MS)
  const address = app.server.address()
  const port = typeof address === 'object' && address !== null ? address.port : config.port
  const host = config.host.includes(':') ? `[${config.host}]` : config.host
  return {
    url: `http://${host === '0.0.0.0' || host === '[::]' ? 'localhost' : host}:${port}`,
    port,
    close: async () => {
      clearInterval(ticker)
      hub.close()
      await servers.stop()
      await app.close()
    },
  }
}

/** Where the built dashboard is; null when it was not built. */
function dashboardDir(): string | null {
  const manifest = createRequire(import.meta.url).resolve('@poolscope/dashboard/package.json')
  const dir = join(dirname(manifest), 'dist')
  try {
    readFileSync(join(dir, 'index.html'))
    return dir
  } catch {
    return null
  }
}

function ownVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  return (manifest as { version: string }).version
}
