import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { type Logger, pino } from 'pino'
import { Alerts } from './alerts/alerts.ts'
import { annotationOf } from './alerts/annotation.ts'
import { columnsOf, pastDays } from './alerts/past-days.ts'
import { buildApp } from './app.ts'
import type { Config } from './config/config.ts'
import { Fleet } from './fleet/fleet.ts'
import type { Tick } from './fleet/fleet-series.ts'
import { DirectoryLock } from './history/directory-lock.ts'
import { History } from './history/history.ts'
import { WorkerStore } from './history/worker-store.ts'
import { Knob } from './knob/knob.ts'
import { ConnectionBudget } from './sources/connection-budget.ts'
import { createSource, peerOf } from './sources/create-source.ts'
import { LiveHub } from './stream/live-hub.ts'
import { WatchedServers } from './watched-servers.ts'

/** One tick a second: fast enough to see a queue form, slow enough to cost nothing. */
export const TICK_MS = 1000
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
 * @throws HistoryError `in_use` when another agent has the directory
 */
export async function startAgent(config: Config): Promise<RunningAgent> {
  const { dir } = config.history
  const lock = dir === null ? null : DirectoryLock.take(dir)
  const now = () => Date.now()
  const version = ownVersion()
  const fleet = new Fleet({ now, tickMs: TICK_MS, quietLimitMs: quietLimits(config) })
  const logger = pino({ level: config.logLevel })
  const alerts = new Alerts({
    ...config,
    fleet,
    dir,
    random: Math.random,
    // Whether marks are lost is what the status of the store says.
    onFire: (alert) => history.annotations?.put(annotationOf(alert)).catch(() => {}),
    onError: (error) => logger.error({ code: codeOf(error) }, 'alerts could not be kept'),
  })
  const hub = new LiveHub(fleet, version, () => alerts.counts())
  const store = await openStore(config, now, logger)
  const history = new History(fleet, store)
  const knob = config.knob
    ? new Knob({
        fleet,
        level: (rule, subject) => alerts.level(rule, subject),
        record: (annotation) => {
          logger.info({ poolId: annotation.poolId }, annotation.text)
          history.annotations?.put(annotation).catch(() => {})
        },
      })
    : null
  const stopping = new AbortController()
  if (store !== null) {
    // Nobody waits for it: until then, rules that look back say that they cannot judge yet.
    pastDays(columnsOf(store), now(), stopping.signal).then(
      (past) => alerts.recall(past),
      (error) => {
        if (stopping.signal.aborted) return
        logger.warn({ code: codeOf(error) }, 'what rules remember of the last day begins anew')
      },
    )
  }
  const app = await buildApp({
    fleet,
    alerts,
    history,
    hub,
    knob,
    healthCompatibility: config.healthCompatibility,
    access: { ...config, now },
    embedParents: config.embedParents,
    version,
    dashboardDir: dashboardDir(),
    readOnly: false,
    reportsPerSec: REPORTS_PER_SEC,
    logger,
  })
  const address = await listenOn(app, config).catch(async (error: unknown) => {
    stopping.abort()
    await store?.close()
    lock?.release()
    throw error
  })
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
      knob?.observe()
    } catch (error) {
      logger.error({ name: error instanceof Error ? error.name : 'unknown' }, 'alerts could not be judged')
    }
  }
  const ticker = onEverySecond(now, () => {
    const tick = fleet.tick()
    judge(tick)
    hub.broadcast(tick)
    history.append(tick)
  })
  return {
    ...address,
    close: async () => {
      stopping.abort()
      ticker.stop()
      hub.close()
      await Promise.all([servers.stop(), alerts.close()])
      await app.close()
      await store?.close()
      lock?.release()
    },
  }
}

/**
 * Begins to listen.
 * @throws Error with the code of the system, such as EADDRINUSE
 */
export async function listenOn(
  app: FastifyInstance,
  config: Pick<Config, 'host' | 'port'>,
): Promise<{ url: string; port: number }> {
  await app.listen({ host: config.host, port: config.port })
  const address = app.server.address()
  const port = typeof address === 'object' && address !== null ? address.port : config.port
  const host = config.host.includes(':') ? `[${config.host}]` : config.host
  return { url: `http://${host === '0.0.0.0' || host === '[::]' ? 'localhost' : host}:${port}`, port }
}

/** The store of the history; null where no directory can be named for it. */
async function openStore(config: Config, now: () => number, logger: Logger): Promise<WorkerStore | null> {
  const { dir, ...rest } = config.history
  if (dir === null) return null
  return WorkerStore.open({
    ...rest,
    dir,
    now,
    onChange: ({ state, message, lostTicksTotal }) => {
      if (state === 'ok') logger.info({ dir, lostTicksTotal }, 'history is kept again')
      else logger.warn({ dir, state, lostTicksTotal }, `history is not kept: ${message}`)
    },
    onRepair: (message) => logger.warn({ dir }, message),
  })
}

/** Calls at the begin of each second of the wall clock, so that every second of the history has one tick. */
function onEverySecond(now: () => number, call: () => void): { stop(): void } {
  let timer: NodeJS.Timeout
  const wait = () => {
    // Timers may come a millisecond early, which would be the second before.
    timer = setTimeout(
      () => {
        wait()
        call()
      },
      TICK_MS - (now() % TICK_MS) + 2,
    )
  }
  wait()
  return { stop: () => clearTimeout(timer) }
}

/** The code of an error of the system; its message may hold a path or an address. */
function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
}

/** Where the built dashboard is; null when it was not built. */
export function dashboardDir(): string | null {
  const manifest = createRequire(import.meta.url).resolve('@poolscope/dashboard/package.json')
  const dir = join(dirname(manifest), 'dist')
  try {
    readFileSync(join(dir, 'index.html'))
    return dir
  } catch {
    return null
  }
}

/** The version of the agent. */
export function ownVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  return (manifest as { version: string }).version
}
