import { SEVERITIES } from '@poolscope/protocol'
import { SEVERITY_MARKS } from '../lib/alert-words.ts'
import { useTitleCount } from '../lib/document-title.ts'
import { formatCount } from '../lib/format.ts'
import { useAlertCounts } from '../live/hooks.ts'
import { StatusShape } from '../ui/StatusMark.tsx'
import styles from './FiringBadge.module.css'

/** How many alerts fire, with the shape of the worst of them, here and in the title of the tab. Nothing when none does. */
export function FiringBadge() {
  const firing = useAlertCounts()?.firing
  const count = firing === undefined ? null : SEVERITIES.reduce((sum, severity) => sum + firing[severity], 0)
  useTitleCount(count)
  if (firing === undefined || count === null || count === 0) return null
  const worst = SEVERITIES.toReversed().find((severity) => firing[severity] > 0) ?? 'info'
  return (
    <span className={styles.badge}>
      <StatusShape status={SEVERITY_MARKS[worst]} />
      {formatCount(count)}
      <span className="spoken"> firing</span>
    </span>
  )
}
