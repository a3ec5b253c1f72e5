import {
  type GroupDetail,
  type GroupNow,
  type History,
  mergeTraces,
  readTraceRecord,
} from '@poolscope/protocol'
import {
  type Band,
  createReplay,
  type PoolToReplay,
  type Prediction,
  poolToReplay,
  type ReplayVerdict,
  replayVerdict,
  type SizePrediction,
  type Trace,
  type TracedPool,
} from '@poolscope/sizing'
import { suggest } from '../config/suggest.ts'
import { ask, askBytes } from './ask-agent.ts'
import { type CommandContext, StartError, UsageError } from './command.ts'
import { table } from './table.ts'

/** How long a replay works between two lines about its progress, and looks for a signal, ms. */
const STEP_MS = 500
/** Sizes on either side of the advised one in the table. */
const AROUND = 3

const FORMAT = {
  ms: (ms: number | null) => (ms === null ? '—' : `${ms.toFixed(ms < 10 ? 1 : 0)} ms`),
  ratio: (ratio: number) => `${(ratio * 100).toFixed(ratio > 0 && ratio < 0.1 ? 2 : 0)} %`,
  count: (count: number) => String(Math.round(count)),
  age: (ms: number) => (ms < 120_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`),
}

/** Which pool to replay, and where it is known. */
export type AskedPool = { name: string; url: string; json: boolean }

/**
 * Replays what a pool's probe recorded through other sizes and prints what each would have done.
 * @throws UsageError for a pool that the agent does not know, StartError when there is nothing to replay
 */
export async function sizeByReplay(
  { name, url, json }: AskedPool,
  { env, terminal, signal }: CommandContext,
): Promise<void> {
  const agent = { url, token: env.POOLSCOPE_TOKEN, signal }
  const get = (path: string) => ask(agent, path)
  const { groups } = (await get('/api/v1/fleet?pools=false')) as { groups: GroupNow[] }
  const group = groupNamed(name, groups)
  const label = `${group.service}/${group.name}`
  if (group.origin === 'observed') {
    throw new StartError(
      `No probe measures ${label}, and the session list of a server does not show who asked and waited. Put a probe into the process, or size it by --cores and --max-connections.`,
    )
  }
  const path = `/api/v1/groups/${encodeURIComponent(group.id)}`
  const detail = (await get(path)) as GroupDetail
  const history = (await get(`${path}/history`)) as History
  const bytes = await askBytes(agent, `${path}/trace.bin`)
  const { head, newest } = await readTraceRecord(bytes.getReader(), (text) => new TextDecoder().decode(text))
  if (head.blocks.length === 0) {
    throw new StartError(
      `The probe of ${label} has sent no record of single checkouts yet. Wait for its next reports; a pool with more than 5000 checkouts a second, or whose connections several callers share, records none.`,
    )
  }
  const recorded = detail.pools.find(({ id }) => id === head.poolId)
  const from = recorded === undefined ? null : poolToReplay(recorded, history.columns.createP95Ms ?? [])
  if (from === null) {
    throw new StartError(`The probe does not know the max of ${label}, so its traffic cannot be replayed.`)
  }
  const trace = mergeTraces(await newest(head.blocks.length), head.heldMs)
  const prediction = replayed(trace, from.pool, (line) => terminal.printError(line), signal)
  const verdict = replayVerdict(prediction, from.pool.size, FORMAT)
  if (json) {
    terminal.print(JSON.stringify({ group: label, ...from, verdict, prediction }, null, 2))
    return
  }
  for (const line of report(label, from, prediction, verdict)) terminal.print(line)
}

/** @throws UsageError that names what was perhaps meant */
function groupNamed(name: string, groups: readonly GroupNow[]): GroupNow {
  const byId = groups.find(({ id }) => id === name)
  if (byId !== undefined) return byId
  const wanted = name.replace(/\s*\/\s*/, '/')
  const found = groups.filter((group) => [`${group.service}/${group.name}`, group.name].includes(wanted))
  const [only, another] = found
  if (only !== undefined && another === undefined) return only
  const names = (found.length > 0 ? found : groups).map((group) => `${group.service}/${group.name}`)
  if (found.length > 1) {
    const twice = new Set(names).size < names.length
    const choice = twice ? found.map(({ id }) => id) : names
    throw new UsageError(`--pool ${name} is several pools. Give one of: ${choice.join(', ')}.`)
  }
  if (groups.length === 0) throw new UsageError('The agent knows no pool yet.')
  const meant = suggest(wanted, names)
  const hint = meant === null ? `It knows ${names.slice(0, 10).join(', ')}` : `Did you mean ${meant}`
  throw new UsageError(`The agent knows no pool ${name}. ${hint}${meant === null ? '.' : '?'}`)
}

function replayed(
  trace: Trace,
  pool: TracedPool,
  tell: (line: string) => void,
  signal: AbortSignal,
): Prediction {
  tell(`Replaying ${trace.arrivalMs.length} checkouts of ${FORMAT.age(trace.windowMs)} …`)
  const replay = createReplay(trace, pool, () => performance.now())
  for (;;) {
    const { progressRatio, prediction, done } = replay.step(STEP_MS)
    if (signal.aborted) throw new StartError('Cancelled.')
    if (done && prediction !== null) return prediction
    tell(`  ${Math.round(progressRatio * 100)} %`)
  }
}

function report(
  label: string,
  { pool, connectAssumed }: PoolToReplay,
  prediction: Prediction,
  verdict: ReplayVerdict,
): string[] {
  const { sizes, checkouts, windowMs, arrivalsPerSec, callers, recommendation } = prediction
  const never = 'never'
  const marks = (size: number) =>
    [
      ...(size === verdict.size ? ['advised'] : []),
      ...(size === pool.size ? ['now'] : []),
      ...(size === recommendation.kneeSize ? ['knee'] : []),
    ].join(', ')
  const shown = sizes.filter(
    ({ size }) =>
      marks(size) !== '' || Math.abs(size - (verdict.size ?? recommendation.size ?? pool.size)) <= AROUND,
  )
  const head = ['Max', 'Wait p50', 'p95', 'p99', 'Wait + hold p95', 'Timed out', 'Busy', 'Opened', '']
  return [
    `${label}: ${checkouts} checkouts in ${FORMAT.age(windowMs)}, ${arrivalsPerSec.toFixed(1)} a second; callers: ${callers}.`,
    `Replayed with a max of ${pool.size} now, an acquire time-out of ${pool.acquireTimeoutMs === null ? never : FORMAT.ms(pool.acquireTimeoutMs)}, an idle time-out of ${pool.idleTimeoutMs === null ? never : FORMAT.ms(pool.idleTimeoutMs)}, and ${FORMAT.ms(pool.connectMs)}${connectAssumed ? ' (assumed)' : ''} to open a connection.`,
    '',
    ...table(
      head,
      shown.map((size) => [...cells(size), marks(size.size)]),
      [0, 1, 2, 3, 4, 5, 6, 7],
    ),
    '',
    ...(shown.some(({ identifiable }) => !identifiable)
      ? ['Where there is only a band, the record has not seen so many held at once: not identifiable.', '']
      : []),
    verdict.sentence,
    ...verdict.reasons.map((reason) => `  ${reason}`),
  ]
}

/** A band alone where the trace cannot tell. */
function cells(prediction: SizePrediction): string[] {
  const { size, identifiable, waitMs, totalMs, timeoutRatio, utilizationRatio, opened } = prediction
  const { waitP95BandMs, totalP95BandMs } = prediction
  if (!identifiable) {
    return [String(size), '—', bandText(waitP95BandMs), '—', bandText(totalP95BandMs), '—', '—', '—']
  }
  return [
    String(size),
    FORMAT.ms(waitMs?.p50 ?? null),
    FORMAT.ms(waitMs?.p95 ?? null),
    FORMAT.ms(waitMs?.p99 ?? null),
    FORMAT.ms(totalMs?.p95 ?? null),
    FORMAT.ratio(timeoutRatio),
    FORMAT.ratio(utilizationRatio),
    String(opened),
  ]
}

function bandText(band: Band | null): string {
  return band === null ? '—' : `${FORMAT.ms(band.low)} to ${FORMAT.ms(band.high)}`
}
