import type { AdviceSubject, Verdict } from '@poolscope/protocol'
import { Link } from 'wouter'
import { LEVEL_MARKS, subjectHref } from '../lib/alert-words.ts'
import { serverHref } from '../lib/href.ts'
import { Card } from '../ui/Card.tsx'
import { StatusMark, StatusShape } from '../ui/StatusMark.tsx'
import styles from './AdviceSubjectCard.module.css'
import { Facts } from './Facts.tsx'
import { GuideLink } from './GuideLink.tsx'
import { ScoreBar } from './ScoreBar.tsx'

/** Everything that can be said of one service or server: its score, why its callers wait, and what is to be changed. */
export function AdviceSubjectCard({
  subject,
  nameOf,
}: {
  subject: AdviceSubject
  /** The name of a pool group or server by its id. */
  nameOf: (id: string) => string
}) {
  const { kind, id, name, score, level, causes, verdicts } = subject
  const wrong = verdicts.filter((verdict) => verdict.level === 'warn' || verdict.level === 'critical')
  const unknown = verdicts.filter((verdict) => verdict.level === 'unknown')
  const href = kind === 'server' ? serverHref(id) : `/fleet?q=${encodeURIComponent(`service:"${name}"`)}`
  return (
    <Card
      title={`${kind === 'server' ? 'Server' : 'Service'} ${name}`}
      note={<StatusMark status={LEVEL_MARKS[level]} />}
      actions={<Link href={href}>Open</Link>}
    >
      <ScoreBar score={score} />
      {causes.length > 0 && (
        <ul className={styles.causes}>
          {causes.map((cause) => (
            <li key={cause.subject}>
              <Link href={subjectHref('group', cause.subject)}>{nameOf(cause.subject)}</Link>:{' '}
              {cause.sentence}
            </li>
          ))}
        </ul>
      )}
      {wrong.length > 0 && (
        <ul className={styles.verdicts}>
          {wrong.map((verdict) => (
            <Found key={`${verdict.rule} ${verdict.subject}`} verdict={verdict} nameOf={nameOf} />
          ))}
        </ul>
      )}
      {unknown.length > 0 && (
        <details className={styles.unknown}>
          <summary>{unknown.length} could not be known</summary>
          <ul className={styles.reasons}>
            {unknown.map(({ rule, title, subject: about, sentence, guide }) => (
              <li key={`${rule} ${about}`}>
                <StatusShape status="unknown" />
                <span>
                  <GuideLink guide={guide}>{title}</GuideLink> of {nameOf(about)}: {sentence}
                </span>
              </li>
            ))}
          </ul>
        </details>
      )}
      {wrong.length === 0 && unknown.length === 0 && <p className={styles.fine}>Nothing to change.</p>}
    </Card>
  )
}

function Found({ verdict, nameOf }: { verdict: Verdict; nameOf: (id: string) => string }) {
  const { title, guide, level, subjectKind, subject, sentence, evidence, remedy } = verdict
  return (
    <li className={styles.verdict}>
      <p className={styles.title}>
        <StatusMark status={LEVEL_MARKS[level]} word={title} />
        <Link href={subjectHref(subjectKind, subject)}>{nameOf(subject)}</Link>
      </p>
      <p>{sentence}</p>
      {remedy !== null && <p className={styles.remedy}>{remedy}</p>}
      {evidence.facts.length > 0 && (
        <div className={styles.facts}>
          <Facts facts={evidence.facts} />
        </div>
      )}
      <p className={styles.guide}>
        <GuideLink guide={guide}>More in the guide</GuideLink>
      </p>
    </li>
  )
}
