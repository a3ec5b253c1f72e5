import type { Alert, SubjectKind } from '@poolscope/protocol'
import { useMemo } from 'react'
import type { ChartUnit } from '../charts/chart-types.ts'
import { type ChartLimit, type ChartSeries, LiveChart } from '../charts/LiveChart.tsx'
import { type ChartMark, MarkedChart } from '../charts/MarkedChart.tsx'
import { DEFAULT_RANGE } from '../lib/time-range.ts'
import { OwnRange } from '../lib/use-time-range.ts'
import { useFleet } from '../live/hooks.ts'
import styles from './PoolCharts.module.css'
import { CONNECTIONS, HOLD, MAX, WAIT, WAITING } from './PoolCharts.tsx'
import { ServerChart } from './ServerChart.tsx'

const HEIGHT = 180
const SERVER_HEIGHT = 220
/** The edge and the room around the chart of a server. */
const CARD_PX = 13

type Chart = {
  title: string
  unit: ChartUnit
  series: readonly ChartSeries[]
  limits?: readonly ChartLimit[]
  yMin: number
  emptyText: string
}

const CHARTS: readonly Chart[] = [
  {
    title: 'Connections',
    unit: 'count',
    series: CONNECTIONS,
    limits: MAX,
    yMin: 4,
    emptyText: 'No report in this time.',
  },
  {
    title: 'Waiting for a connection',
    unit: 'count',
    series: WAITING,
    yMin: 4,
    emptyText: 'No report in this time.',
  },
  {
    title: 'Wait time',
    unit: 'ms',
    series: WAIT,
    yMin: 10,
    emptyText: 'Nobody asked for a connection in this time.',
  },
  {
    title: 'Hold time',
    unit: 'ms',
    series: HOLD,
    yMin: 10,
    emptyText: 'No connection was given back in this time.',
  },
]

/** The moments of an alert as charts mark them. */
export function marksOfAlert({ sinceMs, firedMs, resolvedMs }: Alert): ChartMark[] {
  const marks: (Omit<ChartMark, 'atMs'> & { atMs: number | null })[] = [
    // What fires at once was never pending.
    { atMs: firedMs === sinceMs ? null : sinceMs, letter: 'P', word: 'pending' },
    { atMs: firedMs, letter: 'F', word: 'firing' },
    { atMs: resolvedMs, letter: 'R', word: 'resolved' },
  ]
  return marks.flatMap(({ atMs, ...mark }) => (atMs === null ? [] : [{ ...mark, atMs }]))
}

/** The numbers of a pool group or server over the time that the live store has, with an alert's moments on them. */
export function AlertCharts(props: { kind: SubjectKind; subject: string; marks: readonly ChartMark[] }) {
  return (
    <OwnRange value={DEFAULT_RANGE}>
      <Charts {...props} />
    </OwnRange>
  )
}

function Charts({ kind, subject, marks }: Parameters<typeof AlertCharts>[0]) {
  const source = useMemo(() => ({ kind, id: subject }), [kind, subject])
  const server = useFleet().server(subject)
  if (kind === 'server') {
    return server === undefined ? (
      <p>The server is not watched any more.</p>
    ) : (
      <MarkedChart marks={marks} height={SERVER_HEIGHT} inset={CARD_PX}>
        <ServerChart server={server} />
      </MarkedChart>
    )
  }
  return (
    <div className={styles.charts}>
      {CHARTS.map((chart) => (
        <div key={chart.title} className={styles.chart}>
          <MarkedChart marks={marks} height={HEIGHT}>
            <LiveChart {...chart} source={source} height={HEIGHT} level={3} />
          </MarkedChart>
        </div>
      ))}
    </div>
  )
}
