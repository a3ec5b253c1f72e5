/** How times and values become pixels. */
export type PlotGeometry = {
  /** Of the plot's left edge, px. */
  left: number
  width: number
  /** At the left edge, epoch ms. */
  startMs: number
  pxPerMs: number
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

/** How wide a sample without neighbours is drawn, px. */
const DOT_PX = 2

const tenth = (value: number) => Math.round(value * 10) / 10

/** Where a path's numbers are counted from: x in px after `anchorMs`, y = zeroY − value · pxPerUnit. */
export type PathScale = { anchorMs: number; pxPerMs: number; zeroY: number; pxPerUnit: number }

/**
 * The points of one line as text. A point's text depends on its time and value alone, so that of 300
 * points a tick only the new one is written; the group around the path is moved instead.
 */
export class PointTexts {
  readonly #scale: PathScale
  readonly #times: Float64Array
  readonly #values: Float32Array
  readonly #texts: string[]

  /** @param size points kept; an older one gives way to the one `size` places later */
  constructor(scale: PathScale, size: number) {
    this.#scale = scale
    this.#times = new Float64Array(size).fill(Number.NaN)
    this.#values = new Float32Array(size)
    this.#texts = new Array<string>(size).fill('')
  }

  /** `x y ` of a point. @param place its number in the stream; points with the same remainder share a place */
  at(place: number, atMs: number, value: number): string {
    const slot = place % this.#texts.length
    if (this.#times[slot] === atMs && this.#values[slot] === value) return this.#texts[slot] as string
    const { anchorMs, pxPerMs, zeroY, pxPerUnit } = this.#scale
    const text = `${tenth((atMs - anchorMs) * pxPerMs)} ${tenth(zeroY - value * pxPerUnit)} `
    this.#times[slot] = atMs
    this.#values[slot] = value
    this.#texts[slot] = text
    return text
  }
}

/**
 * The path of a line through chosen samples. A sample alone is a dot.
 * @param textOf `x y ` of a sample
 */
export function linePath(picked: Int32Array, count: number, textOf: (index: number) => string): string {
  const parts: string[] = []
  let run = 0
  for (let j = 0; j <= count; j++) {
    const i = j < count ? (picked[j] as number) : BREAK
    if (i === BREAK) {
      if (run === 1) parts.push(`h${DOT_PX}`)
      run = 0
      continue
    }
    if (run === 0) parts.push('M')
    parts.push(textOf(i))
    run += 1
  }
  return parts.join('')
}

/**
 * The path of the area between chosen samples and zero. A sample alone is a narrow bar.
 * @param textOf `x y ` of a sample
 */
export function areaPath(
  picked: Int32Array,
  count: number,
  textOf: (index: number) => string,
  zeroY: number,
): string {
  const parts: string[] = []
  const zero = tenth(zeroY)
  let run = 0
  let firstX = ''
  for (let j = 0; j <= count; j++) {
    const i = j < count ? (picked[j] as number) : BREAK
    if (i === BREAK) {
      if (run > 0) parts.push(`${run === 1 ? `h${DOT_PX}` : ''}V${zero}H${firstX}Z`)
      run = 0
      continue
    }
    const text = textOf(i)
    if (run === 0) {
      firstX = text.slice(0, text.indexOf(' '))
      parts.push('M')
    }
    parts.push(text)
    run += 1
  }
  return parts.join('')
}

/**
 * The path of the band between two lines through the same chosen samples. A sample alone is a narrow bar.
 * @param highText `x y ` of a sample on the upper line
 * @param lowText the same on the lower one
 */
export function bandPath(
  picked: Int32Array,
  count: number,
  highText: (index: number) => string,
  lowText: (index: number) => string,
): string {
  const parts: string[] = []
  let start = 0
  for (let j = 0; j <= count; j++) {
    if (j < count && picked[j] !== BREAK) continue
    if (j - start === 1) {
      const [x = '', y] = highText(picked[start] as number).split(' ')
      const low = lowText(picked[start] as number).split(' ')[1]
      parts.push(`M${x} ${y}h${DOT_PX}V${low}H${x}Z`)
    } else if (j > start) {
      for (let k = start; k < j; k++) parts.push(k === start ? 'M' : '', highText(picked[k] as number))
      for (let k = j - 1; k >= start; k--) parts.push(k === j - 1 ? 'L' : '', lowText(picked[k] as number))
      parts.push('Z')
    }
    start = j + 1
  }
  return parts.join('')
}

/**
 * The path of the bands in which nothing is known: between two known moments, and from the last known
 * one to `untilMs`. What lies before all that is known is no gap.
 * @param stale 0 where there is a fresh sample
 */
export function gapPath(
  times: Float64Array,
  stale: Float32Array,
  plot: PlotGeometry,
  untilMs: number,
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
    if (stale[i] !== 0) continue
    const atMs = times[i] as number
    if (atMs - lastMs > plot.maxGapMs) band(lastMs, atMs)
    lastMs = atMs
  }
  if (untilMs - lastMs > plot.maxGapMs) band(lastMs, untilMs)
  return path
}
