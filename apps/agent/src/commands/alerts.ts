import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dryRun } from '../alerts/dry-run.ts'
import type { Config } from '../config/config.ts'
import { readConfigFile, readTextFile } from '../config/read-config-file.ts'
import { resolveConfig } from '../config/resolve-config.ts'
import { openStored, unpackRecording } from '../history/archive.ts'
import type { ChunkStore } from '../history/chunk-store.ts'
import { FILE_NAME, HistoryError } from '../history/database.ts'
import { dryRunLines, shownTime } from './alerts-report.ts'
import { type Command, type CommandContext, StartError, UsageError } from './command.ts'
import { readArgs } from './read-args.ts'
import { readTime } from './read-time.ts'

const DAY_MS = 86_400_000
/** Whoever waits longer wants to know how long it will take. */
const PROGRESS_MS = 3000

/** Says which alerts would have fired. */
export const alerts: Command = {
  usage: `alerts --dry-run [FILE] [--config FILE] [--from TIME] [--to TIME] [--data DIR] [--json]

  --dry-run      judge what was recorded by the rules, and print the alerts that would have fired;
                 nobody is told and nothing is kept
  FILE           a file of "poolscope export"; without it, what --data holds
  --config FILE  YAML or JSON with rules, and history.dir; all else in it is left aside
  --from TIME    begin of the range, such as 2026-03-01T14:00Z              [a day before the end]
  --to TIME      its end                                              [the end of what is there]
  --data DIR     the directory of an agent that is stopped          [$XDG_STATE_HOME/poolscope]
  --json         the same as JSON, and how far it is to standard error

Rules that need what is not recorded, such as holders and sessions, are listed as not judged.
Exit code 0: it was judged, whatever was found. 1: there is nothing to judge, or it cannot be read. 2: wrong input.

Environment: POOLSCOPE_CONFIG, POOLSCOPE_DATA.`,
  run: runAlerts,
}

async function runAlerts({ args, env, terminal, signal }: CommandContext): Promise<void> {
  const { values, switches, positionals } = readArgs(args, ['config', 'from', 'to', 'data'], true, [
    'dry-run',
    'json',
  ])
  if (!switches.has('dry-run')) throw new UsageError('It needs --dry-run.')
  const [file, ...more] = positionals
  if (more.length > 0) throw new UsageError('Name one file.')
  if (file !== undefined && values.data !== undefined)
    throw new UsageError('Give a file or --data, not both.')
  const fromMs = values.from === undefined ? null : readTime(values.from, '--from')
  const toMs = values.to === undefined ? null : readTime(values.to, '--to')
  if (fromMs !== null && toMs !== null && fromMs >= toMs) throw new UsageError('--from must be before --to.')
  const config = readConfig(values, env)
  let lastMs = performance.now()
  const onProgress = (from: number, to: number) => (atMs: number) => {
    if (performance.now() - lastMs < PROGRESS_MS) return
    lastMs = performance.now()
    const percent = Math.floor((100 * (atMs - from)) / (to - from))
    terminal.printError(`Judged up to ${shownTime(atMs)}, ${percent} % …`)
  }
  try {
    await withStore(file ?? null, config.history.dir, async (store) => {
      const range = rangeOf(store, fromMs, toMs)
      const found = await dryRun({
        ...range,
        reader: store.reader,
        rules: config.rules,
        onProgress: onProgress(range.fromMs, range.toMs),
        signal,
      })
      if (found.rows.length === 0) throw nothingKept(store, range.fromMs, range.toMs)
      if (switches.has('json')) terminal.print(JSON.stringify(found, null, 2))
      else for (const line of dryRunLines(found)) terminal.print(line)
    })
  } catch (error) {
    if (signal.aborted) return
    if (!(error instanceof HistoryError)) throw error
    const hint =
      error.code === 'in_use' ? ' Have it write a file by "poolscope export --url URL", and give that.' : ''
    throw new StartError(`${error.message}${hint}`, { cause: error })
  }
}

/** Only what a judgement depends on: secrets of servers and notifiers need not be at hand. */
function readConfig(
  { config, data }: { config?: string; data?: string },
  env: CommandContext['env'],
): Pick<Config, 'rules' | 'history'> {
  const path = config ?? env.POOLSCOPE_CONFIG
  const file = path === undefined || path === '' ? {} : readConfigFile(path)
  const { POOLSCOPE_DATA, XDG_STATE_HOME, LOCALAPPDATA, HOME } = env
  return resolveConfig({
    flags: { data },
    env: { POOLSCOPE_DATA, XDG_STATE_HOME, LOCALAPPDATA, HOME },
    file: isMap(file) ? { rules: file.rules, history: file.history } : file,
    readSecretFile: readTextFile,
  })
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

async function withStore(
  file: string | null,
  data: string | null,
  use: (store: ChunkStore) => Promise<void>,
): Promise<void> {
  if (file === null && data === null) throw new UsageError('Give a file or --data.')
  if (file === null) {
    const dir = data as string
    if (!existsSync(join(dir, FILE_NAME))) throw new StartError(`${dir} holds no history.`)
    return useAndClose(dir, use)
  }
  if (!existsSync(file)) throw new StartError(`There is no file ${file}.`)
  const dir = await mkdtemp(join(tmpdir(), 'poolscope-dry-run-'))
  try {
    await unpackRecording(file, dir)
    await useAndClose(dir, use)
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

async function useAndClose(dir: string, use: (store: ChunkStore) => Promise<void>): Promise<void> {
  const store = openStored(dir)
  try {
    await use(store)
  } finally {
    store.close()
  }
}

/** The asked range; where it is not named, the last day of what is there. */
function rangeOf(store: ChunkStore, fromMs: number | null, toMs: number | null) {
  const extent = extentOf(store)
  const to = toMs ?? extent.toMs
  const range = { fromMs: fromMs ?? Math.max(extent.fromMs, to - DAY_MS), toMs: to }
  if (range.fromMs >= range.toMs) throw nothingKept(store, range.fromMs, range.toMs)
  return range
}

function extentOf(store: ChunkStore): { fromMs: number; toMs: number } {
  const extent = store.reader.extent()
  if (extent === null) throw new StartError('Nothing is recorded yet.')
  return { fromMs: extent.fromSec * 1000, toMs: (extent.toSec + 1) * 1000 }
}

function nothingKept(store: ChunkStore, fromMs: number, toMs: number): StartError {
  const extent = extentOf(store)
  return new StartError(
    `Nothing is recorded from ${shownTime(fromMs)} to ${shownTime(toMs)}; what is there is of ${shownTime(extent.fromMs)} to ${shownTime(extent.toMs)}.`,
  )
}
