import type { ReactNode } from 'react'
import { cx } from '../lib/cx.ts'
import { formatTime, timeZoneName } from '../lib/format.ts'
import { useFleet, useLiveStore } from '../live/hooks.ts'
import { RING_TICKS } from '../live/tick-clock.ts'
import { MARGIN, X_AXIS_PX, Y_AXIS_PX } from './chart-geometry.ts'
import styles from './MarkedChart.module.css'

/** The line of words under a chart, px. */
const WORDS_PX = 20

/** A moment that charts show as a line, with the letter on it and what it stands for. */
export type ChartMark = { atMs: number; letter: string; word: string }

/**
 * Lines at moments across a chart; those outside of the time shown are left out. Under the chart the same in words.
 * @param height of the chart's plot with its axes, px
 * @param inset between the chart and the edge of `children`, px
 */
export function MarkedChart({
  marks,
  height,
  inset = 0,
  children,
}: {
  marks: readonly ChartMark[]
  height: number
  inset?: number
  children: ReactNode
}) {
  const store = useLiveStore()
  useFleet()
  const { atMs: endMs, tickMs } = store.newestTick
  const startMs = endMs - (RING_TICKS - 1) * tickMs
  const shown = marks.filter(({ atMs }) => atMs >= startMs && atMs <= endMs)
  const sides = `${Y_AXIS_PX + MARGIN.left}px + (100% - ${Y_AXIS_PX + MARGIN.left + MARGIN.right}px)`
  return (
    <div className={styles.marked}>
      {children}
      <div
        className={styles.marks}
        style={{
          height: height - MARGIN.top - X_AXIS_PX,
          insetInline: inset,
          bottom: inset + X_AXIS_PX + (shown.length > 0 ? WORDS_PX : 0),
        }}
        aria-hidden="true"
      >
        {shown.map(({ atMs, letter, word }) => (
          <span
            key={word}
            className={cx(styles.mark, styles[word])}
            style={{ left: `calc(${sides} * ${(atMs - startMs) / (endMs - startMs)})` }}
          >
            <span className={styles.letter}>{letter}</span>
          </span>
        ))}
      </div>
      {shown.length > 0 && (
        <p className={styles.words} style={{ height: WORDS_PX }}>
          {shown
            .map(({ atMs, letter, word }) => `${letter} ${word} ${formatTime(atMs)} ${timeZoneName(atMs)}`)
            .join(' · ')}
        </p>
      )}
    </div>
  )
}
