import type { Detail, DetailGroup } from '@poolscope/protocol'
import {
  formatAge,
  formatBytes,
  formatCount,
  formatMs,
  formatRate,
  formatRatio,
  UNKNOWN,
} from '../lib/format.ts'
import { Card } from '../ui/Card.tsx'
import styles from './ServerDetails.module.css'

/** A minute and more reads better in its two largest units. */
const LONG_MS = 60_000

function textOf({ value, unit }: Detail): string {
  if (value === null) return UNKNOWN
  if (typeof value === 'string') return value
  switch (unit) {
    case 'ms':
      return value >= LONG_MS ? formatAge(value) : formatMs(value)
    case 'bytes':
      return formatBytes(value)
    case 'perSec':
      return formatRate(value)
    case 'ratio':
      return formatRatio(value)
    default:
      return formatCount(value)
  }
}

/** Numbers that only this kind of server has, under its own names, each with what it means. */
export function ServerDetails({ groups }: { groups: readonly DetailGroup[] }) {
  return (
    <div className={styles.groups}>
      {groups.map(({ title, details }) => (
        <Card key={title} title={title}>
          <dl className={styles.list}>
            {details.map((detail) => (
              <div key={detail.name} className={styles.row}>
                <dt>
                  <span className={styles.name}>{detail.name}</span>
                  {detail.note !== null && <span className={styles.note}>{detail.note}</span>}
                </dt>
                <dd>{textOf(detail)}</dd>
              </div>
            ))}
          </dl>
        </Card>
      ))}
    </div>
  )
}
