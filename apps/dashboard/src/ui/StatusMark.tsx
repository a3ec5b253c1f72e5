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

const SHAPES: Readonly<Record<MarkStatus, React.ReactNode>> = {
  ok: <circle cx="6" cy="6" r="4" />,
  warning: <path d="M6 1.4l5 9.1H1z" />,
  critical: <rect x="1.5" y="1.5" width="9" height="9" rx="1" />,
  stale: <circle cx="6" cy="6" r="4" className={styles.ring} strokeDasharray="2.5 1.7" />,
  unknown: <circle cx="6" cy="6" r="4" className={styles.ring} />,
  info: <path d="M6 1l5 5-5 5-5-5z" />,
}

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
      {SHAPES[status]}
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
