import type { DetailGroup } from '@poolscope/protocol'
import { formatFact } from '../lib/format-fact.ts'
import { Card } from '../ui/Card.tsx'
import styles from './ServerDetails.module.css'

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
                <dd>{formatFact(detail)}</dd>
              </div>
            ))}
          </dl>
        </Card>
      ))}
    </div>
  )
}
