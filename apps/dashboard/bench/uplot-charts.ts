import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { MAX, wave } from './values.ts'

const POINTS = 300
/** By number of lines, as our charts of the same number have them. */
const DASHES: Readonly<Record<number, (number[] | undefined)[]>> = { 3: [[1.5, 3], [5, 3], undefined] }
const COLORS = ['#5b96f7', '#f59a4a', '#a8f0e2']

/** The ruler: the same charts by uPlot, set up as its documentation does. */
export function mountUplot(
  root: HTMLElement,
  options: { charts: number; tickMs: number; synced: boolean },
): { tick: () => void } {
  root.style.cssText = 'display:grid;grid-template-columns:repeat(3,340px);gap:12px'
  let step = POINTS
  const plots = Array.from({ length: options.charts }, (_, chart) => {
    const series = chart % 2 === 0 ? 3 : 2
    const times = Array.from(
      { length: POINTS },
      (_, i) => (Date.now() - (POINTS - i) * options.tickMs) / 1000,
    )
    const values = Array.from({ length: series }, (_, line) =>
      Array.from({ length: POINTS }, (_, i) => wave(chart * 3 + line, i) * MAX),
    )
    const data: [number[], ...number[][]] = [times, ...values]
    const plot = new uPlot(
      {
        width: 340,
        height: 180,
        legend: { show: options.synced },
        scales: { y: { range: [0, MAX] } },
        cursor: options.synced ? { sync: { key: 'page' } } : {},
        series: [
          {},
          ...values.map((_, line) => ({
            label: `line ${line}`,
            stroke: COLORS[line] ?? 'white',
            width: 1.5,
            ...(DASHES[series]?.[line] && { dash: DASHES[series][line] }),
            points: { show: false },
          })),
        ],
        axes: [
          { stroke: '#8f99a9', grid: { show: false } },
          { stroke: '#8f99a9', grid: { stroke: '#232a35' } },
        ],
      },
      data,
      root,
    )
    return { plot, data, chart }
  })
  return {
    tick: () => {
      step += 1
      for (const { plot, data, chart } of plots) {
        data.forEach((column, index) => {
          column.shift()
          column.push(index === 0 ? Date.now() / 1000 : wave(chart * 3 + index - 1, step) * MAX)
        })
        plot.setData(data)
      }
    },
  }
}
