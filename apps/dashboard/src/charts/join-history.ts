/** One sample of a chart: a row of history, ticks of the live stream, or, where they meet in one step, both. */
export type JoinedSample = {
  /** When it was true, or when the step that it stands for began, epoch ms. */
  readonly atMs: number
  /** Place of the row in the history's answer; −1 for none. */
  readonly row: number
  /** How many ticks the row stands for, where ticks are joined to it. */
  readonly rowTicks: number
  /** Places of its ticks, `first` up to but without `end`; equal when there are none. */
  readonly first: number
  readonly end: number
}

/** What history says of a time: every tick up to and with `coveredMs` is in its rows, none after it. */
export type Covered = {
  /** Oldest first; NaN for a row that is of no tick. */
  readonly rowTimes: readonly number[]
  readonly coveredMs: number
}

/** A step shorter than this many ticks holds one of them. */
const SINGLE_TICKS = 1.5

/** Whether a step stands for more than one tick. */
export function isStepped(stepMs: number, tickMs: number): boolean {
  return stepMs > tickMs * SINGLE_TICKS
}

/**
 * Joins history and the live stream: each tick counts in exactly one sample. Up to what history covers its rows
 * stand; what came after is gathered into steps of the same length, on the clock's own grid, and the step that
 * began before and goes on after is one sample.
 * @param covered null while there is no answer yet: the live ticks stand alone
 * @param tickTimes oldest first, NaN where no tick is known
 * @param plot what lies outside of it is left out
 */
export function joinHistory(
  covered: Covered | null,
  tickTimes: Float64Array,
  steps: { stepMs: number; tickMs: number },
  plot: { startMs: number; endMs: number },
): JoinedSample[] {
  const { stepMs, tickMs } = steps
  const stepped = isStepped(stepMs, tickMs)
  const slotOf = (atMs: number) => Math.floor(atMs / stepMs)
  const inside = (atMs: number) => atMs >= plot.startMs && atMs <= plot.endMs
  const samples: JoinedSample[] = []
  covered?.rowTimes.forEach((atMs, row) => {
    if (inside(atMs)) samples.push({ atMs, row, rowTicks: 0, first: 0, end: 0 })
  })
  const coveredMs = covered?.coveredMs ?? Number.NEGATIVE_INFINITY
  for (let i = 0; i < tickTimes.length; i++) {
    const atMs = tickTimes[i] as number
    if (!(atMs > coveredMs) || !inside(atMs)) continue
    const before = samples.at(-1)
    if (!stepped || before === undefined || slotOf(before.atMs) !== slotOf(atMs)) {
      const begunMs = stepped ? slotOf(atMs) * stepMs : atMs
      samples.push({ atMs: begunMs, row: -1, rowTicks: 0, first: i, end: i + 1 })
      continue
    }
    const begunMs = Math.max(slotOf(atMs) * stepMs, plot.startMs)
    const rowTicks = before.row < 0 ? 0 : Math.max(1, Math.round((coveredMs - begunMs) / tickMs))
    const first = before.first === before.end ? i : before.first
    samples[samples.length - 1] = { atMs: before.atMs, row: before.row, rowTicks, first, end: i + 1 }
  }
  return samples
}

/** Mean of a sample's values: the row's weighs as many ticks as it stands for. NaN where nothing is known. */
export function meanOf(
  sample: JoinedSample,
  row: readonly (number | null)[] | undefined,
  ticks: Float32Array,
): number {
  let sum = 0
  let weight = 0
  for (let i = sample.first; i < sample.end; i++) {
    const value = ticks[i] as number
    if (Number.isNaN(value)) continue
    sum += value
    weight += 1
  }
  const before = row?.[sample.row]
  if (typeof before === 'number') {
    const ticksOfRow = Math.max(1, sample.rowTicks)
    sum += before * ticksOfRow
    weight += ticksOfRow
  }
  return weight === 0 ? Number.NaN : sum / weight
}

/** Largest of a sample's values; NaN where nothing is known. */
export function peakOf(
  sample: JoinedSample,
  row: readonly (number | null)[] | undefined,
  ticks: Float32Array,
): number {
  const before = row?.[sample.row]
  let peak = typeof before === 'number' ? before : Number.NaN
  for (let i = sample.first; i < sample.end; i++) {
    const value = ticks[i] as number
    if (!Number.isNaN(value) && !(peak >= value)) peak = value
  }
  return peak
}
