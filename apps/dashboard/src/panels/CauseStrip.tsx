import type { Alert, Cause } from '@poolscope/protocol'
import { Link } from 'wouter'
import { useAlertsQuery, useCauseQuery } from '../api/alerts.ts'
import { alertHref, alertsOfHref, SEVERITY_MARKS } from '../lib/alert-words.ts'
import { StatusShape } from '../ui/StatusMark.tsx'
import styles from './CauseStrip.module.css'
import { Facts } from './Facts.tsx'

/** Causes that ask for nothing. */
const CALM: ReadonlySet<Cause['cause']> = new Set(['healthy', 'unknown'])

/** Why the callers of a pool group wait, what that rests on, and the alerts and the advice that go with it. */
export function PoolCause({ groupId, service }: { groupId: string; service: string }) {
  const { data } = useCauseQuery(groupId)
  return (
    <Strip subject={groupId} adviceHref={`/advice?about=${encodeURIComponent(service)}`}>
      {data !== undefined && !CALM.has(data.cause) && (
        <>
          <p>
            <strong>{data.cause.replaceAll('_', ' ')}</strong> · {data.sentence}
          </p>
          <Facts facts={data.evidence.facts} />
        </>
      )}
    </Strip>
  )
}

/** The alerts and the advice of a server. */
export function ServerAlerts({ serverId }: { serverId: string }) {
  return <Strip subject={serverId} adviceHref={`/advice?about=${encodeURIComponent(serverId)}`} />
}

function Strip({
  subject,
  adviceHref,
  children,
}: {
  subject: string
  adviceHref: string
  children?: React.ReactNode
}) {
  const { data } = useAlertsQuery('firing')
  const alerts = data?.alerts.filter((alert) => concerns(alert, subject)) ?? []
  return (
    <section className={styles.strip} aria-label="Alerts and advice">
      {children}
      <ul className={styles.alerts}>
        {alerts.map(({ id, severity, title, message }) => (
          <li key={id}>
            <StatusShape status={SEVERITY_MARKS[severity]} />
            <span>
              <Link href={alertHref(id)}>{title}</Link>: {message}
            </span>
          </li>
        ))}
      </ul>
      <p className={styles.links}>
        <Link href={alertsOfHref(subject)}>Its alerts</Link>
        <Link href={adviceHref}>Its advice</Link>
      </p>
    </section>
  )
}

/** An alert is about a subject also where it is a symptom of something else. */
function concerns({ subject, symptoms }: Alert, id: string): boolean {
  return subject === id || symptoms.some((symptom) => symptom.subject === id)
}
