import type { Symptom } from '@poolscope/protocol'
import { Link } from 'wouter'
import { SEVERITY_MARKS, subjectHref } from '../lib/alert-words.ts'
import { formatTime } from '../lib/format.ts'
import { StatusShape } from '../ui/StatusMark.tsx'
import styles from './AlertItem.module.css'

/** What follows from an alert and is therefore no alert of its own. */
export function SymptomList({ symptoms }: { symptoms: readonly Symptom[] }) {
  return (
    <ul className={styles.list}>
      {symptoms.map(({ rule, subjectKind, subject, severity, sinceMs, message }) => (
        <li key={`${rule} ${subject}`}>
          <StatusShape status={SEVERITY_MARKS[severity]} />
          <span>
            <Link href={subjectHref(subjectKind, subject)}>{rule}</Link>
            {' · '}
            {message} <span className={styles.since}>since {formatTime(sinceMs)}</span>
          </span>
        </li>
      ))}
    </ul>
  )
}
