import { memo } from 'react'
import { cx } from '../lib/cx.ts'
import styles from './StatusMark.module.css'

/** What a mark can say; `info` is a remark and no verdict. */
export type MarkStatus = 'ok' | 'unknown' | 'stale' | 'warning' | 'critical' | 'info'

/** The word for each status as people read it. */
export const STATUS_WORDS: Readonly<Record<MarkStatus, string>> = {
  ok: 'ok',
  unknown: 'unknown',
  stale: 'stale',
  warning: 'warning',
  critical: 'critical',
  info: 'note',
}

const CIRCLE = 'M10 6a4 4 0 1 1-8 0a4 4 0 1 1 8 0z'

/** All of them paths, so that another status changes an attribute and no element. */
const SHAPES: Readonly<Record<MarkStatus, string>> = {
  ok: CIRCLE,
  warning: 'M6 1.4l5 9.1H1z',
  critical: 'M2.5 1.5h7q1 0 1 1v7q0 1-1 1h-7q-1 0-1-1v-7q0-1 1-1z',
  stale: CIRCLE,
  unknown: CIRCLE,
  info: 'M6 1l5 5-5 5-5-5z',
}
const RINGS: readonly MarkStatus[] = ['stale', 'unknown']

/** The shape of a status in its colour, without the word: for places where the word stands nearby. */
export function StatusShape({ status }: { status: MarkStatus }) {
  return (
    <svg
      className={cx(styles.shape, styles[status])}
      width="12"
      height="12"
      viewBox="0 0 12 12"
      aria-hidden="true"
      focusable="false"
    >
      <path
        d={SHAPES[status]}
        className={RINGS.includes(status) ? styles.ring : undefined}
        strokeDasharray={status === 'stale' ? '2.5 1.7' : undefined}
      />
    </svg>
  )
}

/** A status as shape, colour and word, so that it survives grey paper and every kind of eye. */
export const StatusMark = memo(function StatusMark({
  status,
  word,
}: {
  status: MarkStatus
  word?: string | undefined
}) {
  return (
    <span className={styles.mark}>
      <StatusShape status={status} />
      <span>{word ?? STATUS_WORDS[status]}</span>
    </span>
  )
})
