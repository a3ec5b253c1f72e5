import { Suspense } from 'react'
import { lazyPart } from '../lib/lazy-part.ts'
import type { CurveChartProps } from './curve-types.ts'
import styles from './LiveChart.module.css'

const Figure = lazyPart(() => import('./CurveFigure.tsx').then((module) => module.CurveFigure))

/** Plot with its axes, px. */
export const CURVE_HEIGHT_PX = 200

/** A chart of something predicted over sizes. The code that draws is loaded when the first one is on a page. */
export function CurveChart(props: CurveChartProps) {
  return (
    <Suspense fallback={<div className={styles.loading} style={{ minHeight: CURVE_HEIGHT_PX + 22 }} />}>
      <Figure {...props} />
    </Suspense>
  )
}

export type { CurveBand, CurveMark, CurvePoint, CurveSeries } from './curve-types.ts'
