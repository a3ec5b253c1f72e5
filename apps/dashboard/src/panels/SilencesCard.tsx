import type { Silence } from '@poolscope/protocol'
import { useSilencesQuery, useUnsilence } from '../api/alerts.ts'
import { useNow } from '../lib/clock.ts'
import { formatAge, formatCount, formatDateTime } from '../lib/format.ts'
import { Button } from '../ui/Button.tsx'
import { Card } from '../ui/Card.tsx'
import { StatusShape } from '../ui/StatusMark.tsx'
import styles from './AlertSide.module.css'

/** What is kept quiet, why, and until when. @param nameOf the name of a pool group or server by its id */
export function SilencesCard({ nameOf }: { nameOf: (subject: string) => string }) {
  const { data, error } = useSilencesQuery()
  const silences = data?.silences
  return (
    <Card title="Silences" note={silences === undefined ? undefined : formatCount(silences.length)}>
      {error !== null && (
        <p className={styles.bad}>
          <StatusShape status="critical" /> Could not load the silences: {error.message}
        </p>
      )}
      {silences?.length === 0 && <p className={styles.quiet}>Nothing is silenced.</p>}
      {silences !== undefined && silences.length > 0 && (
        <ul className={styles.list}>
          {silences.map((silence) => (
            <One key={silence.id} silence={silence} nameOf={nameOf} />
          ))}
        </ul>
      )}
    </Card>
  )
}

function One({ silence, nameOf }: { silence: Silence; nameOf: (subject: string) => string }) {
  const { id, rule, subject, comment, untilMs } = silence
  const nowMs = useNow()
  const { mutate, isPending, error } = useUnsilence()
  const what =
    rule === null
      ? `Everything${subject === null ? '' : ` of ${nameOf(subject)}`}`
      : `${rule}${subject === null ? ' everywhere' : ` of ${nameOf(subject)}`}`
  return (
    <li className={styles.item}>
      <p className={styles.name}>{what}</p>
      <p>{comment}</p>
      <p className={styles.quiet} title={formatDateTime(untilMs)}>
        ends in {formatAge(Math.max(0, untilMs - nowMs))}
      </p>
      <Button
        disabled={isPending}
        onClick={() => mutate(id)}
        aria-label={`End the silence: ${what}`}
        className={styles.button}
      >
        {isPending ? 'Ending …' : 'End'}
      </Button>
      {error !== null && (
        <p role="alert" className={styles.bad}>
          <StatusShape status="critical" /> Not ended: {error.message}
        </p>
      )}
    </li>
  )
}
