import { useLayoutEffect, useRef } from 'react'
import { afterPaint } from '../lib/after-paint.ts'
import { useLiveStore } from '../live/hooks.ts'
import { SPARK_POINTS } from '../live/spark-table.ts'
import styles from './Sparkline.module.css'
import { sparkPath } from './spark-path.ts'

const COLUMN = 'inUse'
const WIDTH = 120
const HEIGHT = 22
/** Room for the line's own width at the edges. */
const EDGE = 1.5

const points = new Float32Array(SPARK_POINTS)

/**
 * The last five minutes of one column of a pool group. It draws by itself, without rendering; the
 * numbers stand beside it in the table, so it is hidden from assistive technology.
 * The pool's `max` is at the upper edge; where that is not known, the largest value shown.
 */
export function Sparkline({ groupId: id }: { groupId: string }) {
  const store = useLiveStore()
  const path = useRef<SVGPathElement>(null)
  const drawn = useRef('')
  useLayoutEffect(() => {
    let version = Number.NaN
    const draw = () => {
      // A point stands for five seconds: most ticks change nothing worth drawing.
      if (store.past.sparkVersion(COLUMN) === version) return
      const known = store.past.readSpark(id, COLUMN, points)
      version = store.past.sparkVersion(COLUMN)
      const max = store.view.value(store.view.indexOf(id), 'max')
      const top = max !== null && max > 0 ? max : Math.max(1, ...points.filter((value) => value > 0))
      const d = known ? sparkPath(points, top, WIDTH - 2 * EDGE, HEIGHT - 2 * EDGE) : ''
      if (d === drawn.current) return
      drawn.current = d
      path.current?.setAttribute('d', d)
    }
    // The first lines of a page come after its numbers: taking up the past of a whole fleet is not for the first paint.
    const first = store.past.sparkVersion(COLUMN) < 0
    const cancel = first ? afterPaint(draw) : undefined
    if (!first) draw()
    const remove = store.onDraw(() => {
      if (store.past.sparkVersion(COLUMN) >= 0) draw()
    })
    return () => {
      cancel?.()
      remove()
    }
  }, [store, id])
  return (
    <svg className={styles.spark} width={WIDTH} height={HEIGHT} aria-hidden="true">
      <path ref={path} transform={`translate(${EDGE} ${EDGE})`} />
    </svg>
  )
}
