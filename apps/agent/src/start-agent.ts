import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pino } from 'pino'
import { Alerts } from './alerts/alerts.ts'
import { buildApp } from './app.ts'
import type { Config } from './config/config.ts'
import { Fleet, type Tick } from './fleet/fleet.ts'
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

/**
 * Starts the agent: fleet, sources, HTTP.
 * @throws Error with the code of the system, such as EADDRINUSE, when it cannot listen
 */
export async function startAgent(config: Config): Promise<RunningAgent> {
  const now = () => Date.now()
  const version = ownVersion()
  const fleet = new Fleet({ now, tickMs: TICK_MS })
  const logger = pino({ level: config.logLevel })
  const alerts = new Alerts({
    ...config,
    fleet,
    dir: config.dataDir,
    random: Math.random,
    onError: (error) => logger.error({ code: codeOf(error) }, 'alerts could not be kept'),
  })
  const hub = new LiveHub(fleet, version, () => alerts.counts())
  const app = await buildApp({
    fleet,
    alerts,
    hub,
    healthCompatibility: config.healthCompatibility,
    access: { ...config, now },
    version,
    dashboardDir: dashboardDir(),
    reportsPerSec: REPORTS_PER_SEC,
    logger,
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
  // A defect in a rule must not end the watching.
  const judge = (tick: Tick) => {
    try {
      alerts.observe(tick)
    } catch (error) {
      logger.error({ name: error instanceof Error ? error.name : 'unknown' }, 'alerts could not be judged')
    }
  }
  const ticker = setInterval(() => {
    const tick = fleet.tick()
    judge(tick)
    hub.broadcast(tick)
  }, TICK_MS)
  const address = app.server.address()
  const port = typeof address === 'object' && address !== null ? address.port : config.port
  const host = config.host.includes(':') ? `[${config.host}]` : config.host
  return {
    url: `http://${host === '0.0.0.0' || host === '[::]' ? 'localhost' : host}:${port}`,
    port,
    close: async () => {
      clearInterval(ticker)
      hub.close()
      await Promise.all([servers.stop(), alerts.close()])
      await app.close()
    },
  }
}

/** The code of an error of the system; its message may hold a path or an address. */
function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
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
