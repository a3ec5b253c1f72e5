import type { Score } from '@poolscope/protocol'
import { formatCount, formatRatio } from '../lib/format.ts'
import { StatusShape } from '../ui/StatusMark.tsx'
import styles from './ScoreBar.module.css'

/** How much of what can be checked is in order. What could not be known is shown as such and lowers the score. */
export function ScoreBar({ score }: { score: Score }) {
  const { passed, failed, unknown, ratio } = score
  return (
    <div className={styles.score}>
      <strong className={styles.ratio}>{formatRatio(ratio)}</strong>
      <span className={styles.bar} aria-hidden="true">
        <span className={styles.passed} style={{ flexGrow: passed }} />
        <span className={styles.failed} style={{ flexGrow: failed }} />
        <span className={styles.unknown} style={{ flexGrow: unknown }} />
      </span>
      <span className={styles.counts}>
        <span>
          <StatusShape status="ok" /> {formatCount(passed)} in order
        </span>
        <span>
          <StatusShape status="warning" /> {formatCount(failed)} not
        </span>
        <span>
          <StatusShape status="unknown" /> {formatCount(unknown)} unknown
        </span>
      </span>
    </div>
  )
}
