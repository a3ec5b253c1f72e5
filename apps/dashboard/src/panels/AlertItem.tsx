import type { Alert } from '@poolscope/protocol'
import { Link } from 'wouter'
import { alertHref, durationOf, SEVERITY_MARKS, subjectHref } from '../lib/alert-words.ts'
import { formatAge, formatDateTime, formatTime, timeZoneName } from '../lib/format.ts'
import { Tag } from '../ui/Chip.tsx'
import { StatusMark } from '../ui/StatusMark.tsx'
import { AlertActions } from './AlertActions.tsx'
import styles from './AlertItem.module.css'
import { SymptomList } from './SymptomList.tsx'

/** One alert of a list: how bad, what, where, since when, and what can be done about it here. */
export function AlertItem({ alert, nowMs }: { alert: Alert; nowMs: number }) {
  const { id, title, severity, state, subjectKind, subject, subjectName, message, symptoms } = alert
  return (
    <article className={styles.alert} data-severity={state === 'resolved' ? undefined : severity}>
      <header className={styles.head}>
        <StatusMark status={SEVERITY_MARKS[severity]} word={severity === 'info' ? 'info' : undefined} />
        <h3 className={styles.title}>
          <Link href={alertHref(id)}>{title}</Link>
        </h3>
        <Link href={subjectHref(subjectKind, subject)} className={styles.subject}>
          {subjectName}
        </Link>
        <AlertTags alert={alert} />
      </header>
      <p className={styles.message}>{message}</p>
      <p className={styles.when}>
        <When alert={alert} nowMs={nowMs} />
      </p>
      {symptoms.length > 0 && (
        <details className={styles.symptoms}>
          <summary>
            {symptoms.length === 1 ? 'One symptom of it' : `${symptoms.length} symptoms of it`}
          </summary>
          <SymptomList symptoms={symptoms} />
        </details>
      )}
      {state !== 'resolved' && <AlertActions alert={alert} />}
    </article>
  )
}

/** Since when and how long, in words. */
export function When({ alert, nowMs }: { alert: Alert; nowMs: number }) {
  const { state, sinceMs, firedMs, resolvedMs } = alert
  const lasted = formatAge(durationOf(alert, nowMs))
  const at = (atMs: number) => (
    <time dateTime={new Date(atMs).toISOString()} title={formatDateTime(atMs)}>
      {formatTime(atMs)} {timeZoneName(atMs)}
    </time>
  )
  if (state === 'resolved' && resolvedMs !== null) {
    return (
      <>
        Lasted <strong>{lasted}</strong>, over since {formatDateTime(resolvedMs)}
      </>
    )
  }
  return (
    <>
      For <strong>{lasted}</strong>, since {at(sinceMs)}
      {firedMs === null ? ' · has not lasted long enough to fire' : <> · fired at {at(firedMs)}</>}
    </>
  )
}

/** What has been done about an alert, and what is odd about it. */
export function AlertTags({ alert }: { alert: Alert }) {
  return (
    <>
      {alert.acknowledgedMs !== null && (
        <Tag title={formatDateTime(alert.acknowledgedMs)}>
          acknowledged {formatTime(alert.acknowledgedMs)}
        </Tag>
      )}
      {alert.silenceId !== null && <Tag title="Nobody is notified of it">silenced</Tag>}
      {alert.flapping && <Tag title="Notifications wait until it is steady">comes and goes</Tag>}
    </>
  )
}
