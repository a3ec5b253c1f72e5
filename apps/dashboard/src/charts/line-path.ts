/** How times and values become pixels: x = left + (t − startMs) · pxPerMs, y = zeroY − value · pxPerUnit. */
export type PlotGeometry = {
  left: number
  width: number
  startMs: number
  pxPerMs: number
  zeroY: number
  pxPerUnit: number
  /** Samples further apart than this are not joined. */
  maxGapMs: number
}

/** Stands between two runs of samples that are not joined. */
export const BREAK = -1

/**
 * Chooses the samples to draw: all of them, or, where there are more than pixels, the smallest and the
 * largest of each pixel column in their order, so that a spike of one sample survives.
 * @param times epoch ms, oldest first; NaN and times before the plot are left out
 * @param values NaN is a gap
 * @param into at least 3 times as long as the samples
 * @returns how many entries were written: indices of samples, {@link BREAK} between runs
 */
export function pickSamples(
  times: Float64Array,
  values: Float32Array,
  plot: PlotGeometry,
  into: Int32Array,
): number {
  const dense = times.length > plot.width
  let count = 0
  let lastMs = Number.NaN
  let column = -1
  let low = -1
  let high = -1
  const close = () => {
    if (low < 0) return
    into[count++] = Math.min(low, high)
    if (low !== high) into[count++] = Math.max(low, high)
    low = high = -1
  }
  for (let i = 0; i < times.length; i++) {
    const atMs = times[i] as number
    const value = values[i] as number
    if (!(atMs >= plot.startMs)) continue
    const known = !Number.isNaN(value)
    if (!known || atMs - lastMs > plot.maxGapMs) {
      close()
      if (count > 0 && into[count - 1] !== BREAK) into[count++] = BREAK
      if (!known) continue
    }
    lastMs = atMs
    if (!dense) {
      into[count++] = i
      continue
    }
    const here = Math.floor((atMs - plot.startMs) * plot.pxPerMs)
    if (here !== column) close()
    column = here
    if (low < 0) low = high = i
    else if (value < (values[low] as number)) low = i
    else if (value > (values[high] as number)) high = i
  }
  close()
  if (count > 0 && into[count - 1] === BREAK) count -= 1
  return count
}

const tenth = (value: number) => Math.round(value * 10) / 10

/** The path of a line through chosen samples. A sample alone is a dot of the line's width. */
export function linePath(
  times: Float64Array,
  values: Float32Array,
  plot: PlotGeometry,
  picked: Int32Array,
  count: number,
): string {
  const shift = plot.left - plot.startMs * plot.pxPerMs
  let path = ''
  let open = false
  for (let j = 0; j < count; j++) {
    const i = picked[j] as number
    if (i === BREAK) {
      open = false
      continue
    }
    const x = tenth(shift + (times[i] as number) * plot.pxPerMs)
    const y = tenth(plot.zeroY - (values[i] as number) * plot.pxPerUnit)
    path += open ? `${x} ${y} ` : `M${x} ${y}h0L`
    open = true
  }
  return path.endsWith('L') ? path.slice(0, -1) : path.replaceAll('LM', 'M')
}

/** The path of the areas between two edges through chosen samples; an unknown lower edge counts as unknown. */
export function areaPath(
  times: Float64Array,
  upper: Float32Array,
  lower: Float32Array | null,
  plot: PlotGeometry,
  picked: Int32Array,
  count: number,
): string {
  const shift = plot.left - plot.startMs * plot.pxPerMs
  let path = ''
  for (let from = 0; from < count; ) {
    let to = from
    while (to < count && picked[to] !== BREAK) to++
    // A sample alone is one pixel wide, or nobody would see it.
    const widen = to - from === 1 ? 0.5 : 0
    let edge = ''
    let base = ''
    for (let j = from; j < to; j++) {
      const i = picked[j] as number
      const x = tenth(shift + (times[i] as number) * plot.pxPerMs)
      const y = tenth(plot.zeroY - (upper[i] as number) * plot.pxPerUnit)
      edge += widen > 0 ? `${x - widen} ${y} ${x + widen} ${y} ` : `${x} ${y} `
      if (lower === null) continue
      const below = tenth(plot.zeroY - (lower[i] as number) * plot.pxPerUnit)
      base = widen > 0 ? `${x + widen} ${below} ${x - widen} ${below} ` : `${x} ${below} ${base}`
    }
    if (lower === null) {
      const firstX = tenth(shift + (times[picked[from] as number] as number) * plot.pxPerMs) - widen
      const lastX = tenth(shift + (times[picked[to - 1] as number] as number) * plot.pxPerMs) + widen
      base = `${lastX} ${tenth(plot.zeroY)} ${firstX} ${tenth(plot.zeroY)} `
    }
    path += `M${edge}${base}Z`
    from = to + 1
  }
  return path
}

/**
 * The path of the bands in which nothing is known: between two known moments, and from the last known
 * one to the end. What lies before all that is known is no gap.
 * @param present whether there is anything to a sample
 */
export function gapPath(
  times: Float64Array,
  present: (index: number) => boolean,
  plot: PlotGeometry,
  top: number,
  height: number,
): string {
  let path = ''
  let lastMs = Number.NaN
  const band = (fromMs: number, toMs: number) => {
    const x = tenth(plot.left + (Math.max(fromMs, plot.startMs) - plot.startMs) * plot.pxPerMs)
    const end = tenth(plot.left + (toMs - plot.startMs) * plot.pxPerMs)
    if (end > x) path += `M${x} ${top}H${end}V${top + height}H${x}Z`
  }
  for (let i = 0; i < times.length; i++) {
    const atMs = times[i] as number
    if (Number.isNaN(atMs) || !present(i)) continue
    if (atMs - lastMs > plot.maxGapMs) band(lastMs, atMs)
    lastMs = atMs
  }
  const endMs = times[times.length - 1] as number
  if (endMs - lastMs > plot.maxGapMs) band(lastMs, endMs)
  return path
}
