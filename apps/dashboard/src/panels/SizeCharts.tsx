import { CONNECTION_MEMORY, memoryOf } from '@poolscope/sizing'
import { useMemo, useState } from 'react'
import { CurveChart, type CurveMark, type CurveSeries } from '../charts/CurveChart.tsx'
import { formatMs } from '../lib/format.ts'
import { DEFAULT_TARGET_MS, type SizeCurve } from '../lib/size-model.ts'
import { Card } from '../ui/Card.tsx'
import styles from './SizeCharts.module.css'

const WAITS: readonly CurveSeries[] = [
  { key: 'p50', label: 'p50', color: 'var(--p50)', dash: '2 2' },
  { key: 'p95', label: 'p95', color: 'var(--p95)', dash: '6 3' },
  { key: 'p99', label: 'p99', color: 'var(--p99)' },
]
const UTILIZATION: readonly CurveSeries[] = [{ key: 'utilization', label: 'busy', color: 'var(--used)' }]
const TIMEOUTS: readonly CurveSeries[] = [{ key: 'timeouts', label: 'of checkouts', color: 'var(--pending)' }]

/** PostgreSQL's, of which the number in circulation and measured ones are known. */
const MEMORY = CONNECTION_MEMORY.filter(({ system }) => system === 'postgresql').flatMap(
  ({ bytes, kind, state }, i) =>
    bytes === null ? [] : { key: `m${i}`, bytes, label: kind === 'folklore' ? '“10 MB each”' : state },
)
const MEMORY_COLORS = ['var(--text-3)', 'var(--p50)', 'var(--p95)', 'var(--p99)'] as const
const MEMORY_SERIES: readonly CurveSeries[] = MEMORY.map(({ key, label }, i) => ({
  key,
  label,
  color: MEMORY_COLORS[i] ?? 'var(--text-3)',
  ...(i === 0 ? { dash: '2 2' } : {}),
}))

/** What another size would do: one chart a question, all read at the same size. */
export function SizeCharts({
  curve,
  chosen,
  targetMs,
  timeoutMs,
  instances,
}: {
  curve: SizeCurve
  chosen: number | null
  targetMs: number | null
  timeoutMs: number
  instances: number
}) {
  const [at, setAt] = useState<number | null>(null)
  const target = targetMs ?? DEFAULT_TARGET_MS
  const { points, knee } = curve
  const data = useMemo(
    () => ({
      model: points.map(({ size, p50, p95, p99, utilization, timeouts }) => ({
        x: size,
        values: { p50, p95, p99, utilization: Math.min(1, utilization), timeouts },
      })),
      memory: points.map(({ size }) => ({
        x: size,
        values: Object.fromEntries(MEMORY.map(({ key, bytes }) => [key, memoryOf(size * instances, bytes)])),
      })),
    }),
    [points, instances],
  )
  const marks = useMemo(() => marksOf(curve, chosen), [curve, chosen])
  const limits = useMemo(
    () => ({ wait: [{ label: `at most ${formatMs(target)}`, value: target }], none: [] }),
    [target],
  )
  const kneeWait = points.find(({ size }) => size === knee)?.p99 ?? 0
  const most = points.at(-1)?.size ?? 1
  const common = { xName: 'connections', marks, at, rest: chosen, onRead: setAt }
  return (
    <Card
      title="What if max were another?"
      note="Model: Erlang C. Arrivals at random, exponential holds, nobody gives up. Bursts wait longer than it says."
    >
      <div className={styles.charts}>
        <CurveChart
          title="Predicted wait"
          unit="ms"
          series={WAITS}
          points={data.model}
          limits={limits.wait}
          yMax={Math.max(target, kneeWait) * 2.5}
          {...common}
        />
        <CurveChart
          title="Predicted time-outs"
          unit="ratio"
          series={TIMEOUTS}
          points={data.model}
          limits={limits.none}
          yMax={1}
          {...common}
        />
        <CurveChart
          title="Utilization"
          unit="ratio"
          series={UTILIZATION}
          points={data.model}
          limits={limits.none}
          yMax={1}
          {...common}
        />
        <CurveChart
          title="Memory of the server"
          unit="bytes"
          series={MEMORY_SERIES}
          points={data.memory}
          limits={limits.none}
          yMax={memoryOf(most * instances, Math.max(...MEMORY.map(({ bytes }) => bytes)))}
          {...common}
        />
      </div>
      <p className={styles.note}>
        Time-outs are callers that wait longer than {formatMs(timeoutMs)}. Memory is that of a PostgreSQL
        server for all instances together, without what running statements take.
      </p>
    </Card>
  )
}

/** The knee and the size that is looked at; one mark where they are the same. */
function marksOf({ knee, points }: SizeCurve, chosen: number | null): CurveMark[] {
  const last = points.at(-1)?.size ?? 0
  if (knee !== null && knee === chosen) return [{ x: knee, label: `knee, set: ${knee}` }]
  const marks = [
    ...(chosen === null ? [] : [{ x: chosen, label: `set ${chosen}` }]),
    ...(knee === null || knee > last ? [] : [{ x: knee, label: `knee ${knee}` }]),
  ]
  return marks.filter(({ x }) => x >= (points[0]?.size ?? 0))
}
