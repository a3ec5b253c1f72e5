import { useLocation } from 'wouter'
import { useNow } from '../lib/clock.ts'
import { rangeNameWithZone } from '../lib/range-text.ts'
import { followLive, useTimeRange } from '../lib/use-time-range.ts'
import { Button } from '../ui/Button.tsx'
import styles from './Banner.module.css'

/** What of each page follows the time that was chosen; all else is of now. */
const FOLLOWS: readonly { page: RegExp; words: string }[] = [
  {
    page: /^\/fleet/,
    words: 'Status, order and all numbers are of now; the small charts, and those of each pool, show it.',
  },
  { page: /^\/(pools|servers)\/./, words: 'The charts show it; all other numbers are of now.' },
  { page: /./, words: 'This page shows now.' },
]

/** Says that the page shows a time that is over, and what of it. */
export function RangeBar() {
  const range = useTimeRange()
  const [path] = useLocation()
  const nowMs = useNow(60_000)
  if (range.kind === 'live') return null
  return (
    <section className={styles.banner} aria-label="Time shown">
      <p>
        <strong>{rangeNameWithZone(range, nowMs)}</strong>{' '}
        <span className={styles.detail}>{FOLLOWS.find(({ page }) => page.test(path))?.words}</span>
      </p>
      <Button icon="resume" onClick={followLive}>
        Follow live
      </Button>
    </section>
  )
}
