import type { NotifierStatus } from '@poolscope/protocol'
import { formatAge, formatCount, formatDateTime } from '../lib/format.ts'
import { Card } from '../ui/Card.tsx'
import { Tag } from '../ui/Chip.tsx'
import { StatusShape } from '../ui/StatusMark.tsx'
import styles from './AlertSide.module.css'

/** Who is told of alerts, and whether that works. */
export function NotifiersCard({ notifiers, nowMs }: { notifiers: readonly NotifierStatus[]; nowMs: number }) {
  return (
    <Card title="Who is told" note={formatCount(notifiers.length)}>
      {notifiers.length === 0 ? (
        <p className={styles.quiet}>
          Nobody: no notifier is configured, so alerts are seen on this page alone. Alertmanager, a webhook or
          Slack can be told.
        </p>
      ) : (
        <ul className={styles.list}>
          {notifiers.map((notifier) => (
            <One key={notifier.name} notifier={notifier} nowMs={nowMs} />
          ))}
        </ul>
      )}
    </Card>
  )
}

function One({ notifier, nowMs }: { notifier: NotifierStatus; nowMs: number }) {
  const { name, type, sentTotal, failedTotal, droppedTotal, queued, error } = notifier
  return (
    <li className={styles.item}>
      <p className={styles.name}>
        <StatusShape status={error !== null ? 'critical' : sentTotal > 0 ? 'ok' : 'unknown'} /> {name}{' '}
        <Tag>{type}</Tag>
      </p>
      {error !== null && (
        <p className={styles.bad} title={formatDateTime(error.sinceMs)}>
          <strong>Fails for {formatAge(Math.max(0, nowMs - error.sinceMs))}:</strong> {error.message}
        </p>
      )}
      <p className={styles.quiet}>
        {sentTotal === 0 && failedTotal === 0 ? (
          'Nothing was sent yet, so it is not known whether it works.'
        ) : (
          <>
            {formatCount(sentTotal)} sent · {formatCount(failedTotal)} attempts failed ·{' '}
            {formatCount(droppedTotal)} given up · {formatCount(queued)} waiting
          </>
        )}
      </p>
    </li>
  )
}
