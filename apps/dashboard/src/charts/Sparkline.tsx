import type { PoolColumn } from '@poolscope/protocol'
import { useLayoutEffect, useRef } from 'react'
import { afterPaint } from '../lib/after-paint.ts'
import { useLiveStore } from '../live/hooks.ts'
import { SPARK_POINTS } from '../live/spark-table.ts'
import styles from './Sparkline.module.css'
import { sparkPath } from './spark-path.ts'

const WIDTH = 120
const HEIGHT = 22
/** Room for the line's own width at the edges. */
const EDGE = 1.5

const points = new Float32Array(SPARK_POINTS)

/**
 * The last five minutes of one column of a pool group. It draws by itself, without rendering; the
 * numbers stand beside it in the table, so it is hidden from assistive technology.
 * @param groupIndex place of the group in the fleet of the newest tick
 * @param max the value at the upper edge; null scales to the largest value shown
 */
export function Sparkline({
  groupIndex,
  column = 'inUse',
  max,
}: {
  groupIndex: number
  column?: PoolColumn
  max: number | null
}) {
  const store = useLiveStore()
  const id = store.view.groups[groupIndex]?.id
  const path = useRef<SVGPathElement>(null)
  const drawn = useRef('')
  useLayoutEffect(() => {
    if (id === undefined) return
    let version = Number.NaN
    const draw = () => {
      // A point stands for five seconds: most ticks change nothing worth drawing.
      if (store.sparkVersion(column) === version) return
      const known = store.readSpark(id, column, points)
      version = store.sparkVersion(column)
      const top = max !== null && max > 0 ? max : Math.max(1, ...points.filter((value) => value > 0))
      const d = known ? sparkPath(points, top, WIDTH - 2 * EDGE, HEIGHT - 2 * EDGE) : ''
      if (d === drawn.current) return
      drawn.current = d
      path.current?.setAttribute('d', d)
    }
    // The first lines of a page come after its numbers: taking up the past of a whole fleet is not for the first paint.
    const first = store.sparkVersion(column) < 0
    const cancel = first ? afterPaint(draw) : undefined
    if (!first) draw()
    const remove = store.onDraw(() => {
      if (store.sparkVersion(column) >= 0) draw()
    })
    return () => {
      cancel?.()
      remove()
    }
  }, [store, id, column, max])
  return (
    <svg className={styles.spark} width={WIDTH} height={HEIGHT} aria-hidden="true">
      <path ref={path} transform={`translate(${EDGE} ${EDGE})`} />
    </svg>
  )
}
