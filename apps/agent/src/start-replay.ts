import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { Alerts } from './alerts/alerts.ts'
import { buildApp } from './app.ts'
import type { Config } from './config/config.ts'
import { extentOf, unpackRecording } from './history/archive.ts'
import { History } from './history/history.ts'
import { RecordedFleet } from './history/recorded-fleet.ts'
import { WorkerStore } from './history/worker-store.ts'
import { dashboardDir, listenOn, ownVersion, type RunningAgent, TICK_MS } from './start-agent.ts'
import { LiveHub } from './stream/live-hub.ts'

/** What is replayed. */
export type Replay = {
  /** A file of `poolscope export`. */
  file: string
  /** Where the clock begins to run; null stands at the last moment. */
  fromMs: number | null
}

/**
 * Serves a recording as if it were then, and takes in nothing. The clock begins at a moment and runs until the end of the
 * recording, where it stands.
 * @throws HistoryError when the file is no recording, or an empty one
 */
export async function startReplay(config: Config, { file, fromMs }: Replay): Promise<RunningAgent> {
  const dir = await mkdtemp(join(tmpdir(), 'poolscope-replay-'))
  const undo: (() => Promise<unknown>)[] = [() => rm(dir, { recursive: true, force: true })]
  const close = async () => {
    for (const one of undo.splice(0).toReversed()) await one()
  }
  try {
    const tiers = await unpackRecording(file, dir)
    const { toSec } = extentOf(dir, tiers)
    const endMs = toSec * 1000
    const beginMs = Math.min(fromMs ?? endMs, endMs)
    const startedMs = performance.now()
    const then = () => Math.min(endMs, beginMs + Math.floor(performance.now() - startedMs))
    const budgetBytes = Number.MAX_SAFE_INTEGER
    const store = await WorkerStore.open({ dir, tiers, budgetBytes, now: Date.now, onChange: () => {} })
    undo.push(() => store.close())
    const fleet = new RecordedFleet({ now: then, tickMs: TICK_MS })
    const show = async () => fleet.show(then(), await store.at(then()))
    await show()
    const version = ownVersion()
    // Nothing of what was true then fires now.
    const alerts = new Alerts({
      fleet,
      rules: {},
      notifiers: [],
      publicUrl: null,
      dir: null,
      random: Math.random,
      onError: () => {},
    })
    const hub = new LiveHub(fleet, version, () => alerts.counts())
    const app = await buildApp({
      fleet,
      alerts,
      healthCompatibility: config.healthCompatibility,
      history: new History(fleet, store),
      hub,
      knob: null,
      access: { ...config, now: () => Date.now() },
      version,
      embedParents: config.embedParents,
      dashboardDir: dashboardDir(),
      readOnly: true,
      reportsPerSec: 0,
      logger: pino({ level: config.logLevel }),
    })
    const address = await listenOn(app, config)
    undo.push(async () => {
      hub.close()
      await app.close()
    })
    const timer = setInterval(() => {
      show().then(
        () => hub.broadcast(fleet.tick()),
        (error: Error) => app.log.error({ name: error.name }, 'the recording cannot be read'),
      )
    }, TICK_MS)
    undo.push(async () => clearInterval(timer))
    return { ...address, close }
  } catch (error) {
    await close()
    throw error
  }
}
