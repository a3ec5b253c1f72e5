import { memo, Suspense } from 'react'
import { lazyPart } from '../lib/lazy-part.ts'
import type { LiveChartProps } from './chart-types.ts'
import styles from './LiveChart.module.css'

const Figure = lazyPart(() => import('./ChartFigure.tsx').then((module) => module.ChartFigure))

/**
 * A chart of the last five minutes of one pool group or server, kept current. The code that draws is
 * loaded when the first one is on a page; the place it takes is there from the start. It follows the store by itself,
 * so that a page that is rendered at each tick leaves it alone: hoist what it is given, or memoise it.
 */
export const LiveChart = memo(function LiveChart(props: LiveChartProps) {
  return (
    <Suspense fallback={<div className={styles.loading} style={{ minHeight: props.height ?? 180 }} />}>
      <Figure {...props} />
    </Suspense>
  )
})

export type { ChartLimit, ChartSeries, LiveChartProps } from './chart-types.ts'
