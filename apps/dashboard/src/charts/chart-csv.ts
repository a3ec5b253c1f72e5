import type { ChartModel } from './chart-model.ts'
import type { ChartUnit } from './chart-types.ts'

/** What the numbers of a column are, as its heading says. */
const UNIT_WORDS: Readonly<Record<ChartUnit, string>> = {
  count: 'count',
  ms: 'ms',
  rate: 'per s',
  ratio: '0 to 1',
  bytes: 'bytes',
}

const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`

/** Samples are kept with seven digits; what a computer writes behind them was never measured. */
const precise = (value: number | null) => (value === null ? '' : Number(value.toPrecision(7)))

/** The places of the samples in the plot, oldest first, from the first one that is known. */
export function samplesShown(model: ChartModel): number[] {
  const shown: number[] = []
  for (let i = 0; i < model.times.length; i++) {
    const atMs = model.times[i] as number
    if (!(atMs >= model.startMs && atMs <= model.endMs)) continue
    if (shown.length > 0 || model.presentAt(i)) shown.push(i)
  }
  return shown
}

/**
 * What a chart shows, for a spreadsheet: all digits that are kept, times in UTC by ISO 8601, oldest first; what is not known
 * is empty. Where a sample stands for more than one tick there is a mean and, where it is known, a max.
 */
export function csvOf(model: ChartModel, unit: ChartUnit): string {
  const { stepped } = model.feed
  const columns = model.series.flatMap((series, at) => {
    const name = (part: string) => quoted(`${series.label}${part} (${UNIT_WORDS[unit]})`)
    const value = { name: name(stepped ? ' mean' : ''), read: (index: number) => model.valueAt(at, index) }
    if (model.peaks[at] == null) return [value]
    return [value, { name: name(' max'), read: (index: number) => model.peakAt(at, index) }]
  })
  const rows = samplesShown(model).map((index) => {
    const values = columns.map(({ read }) => precise(read(index)))
    return [new Date(model.times[index] as number).toISOString(), ...values].join()
  })
  return `${[['time', ...columns.map(({ name }) => name)].join(), ...rows].join('\r\n')}\r\n`
}
