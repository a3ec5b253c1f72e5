import { useNow } from '../lib/clock.ts'
import { formatAge, formatDateTime } from '../lib/format.ts'
import { useConnection, usePause } from '../live/hooks.ts'
import { IconButton } from '../ui/Button.tsx'
import { type MarkStatus, StatusShape } from '../ui/StatusMark.tsx'
import styles from './LiveIndicator.module.css'

/** A message older than this is worth its age; the agent sends one a second. */
const LATE_MS = 2500

/** How fresh the page is, and the button that holds it still. */
export function LiveIndicator() {
  const { phase, lastMessageAtMs } = useConnection()
  const { paused, pause, resume } = usePause()
  const nowMs = useNow()
  const ageMs = lastMessageAtMs === null ? null : Math.max(0, nowMs - lastMessageAtMs)
  const { status, word } = say(phase, ageMs)
  return (
    <>
      <span
        className={styles.indicator}
        title={
          lastMessageAtMs === null
            ? 'Nothing received yet'
            : `Last message from the agent: ${formatDateTime(lastMessageAtMs)}`
        }
      >
        <StatusShape status={status} />
        <span className={styles.word}>{word}</span>
      </span>
      <IconButton
        name={paused ? 'Resume (Space)' : 'Pause (Space)'}
        icon={paused ? 'resume' : 'pause'}
        aria-pressed={paused}
        onClick={paused ? resume : pause}
      />
    </>
  )
}

function say(
  phase: ReturnType<typeof useConnection>['phase'],
  ageMs: number | null,
): { status: MarkStatus; word: string } {
  if (phase === 'denied') return { status: 'critical', word: 'Signed out' }
  if (phase === 'connecting') return { status: 'unknown', word: 'Connecting' }
  if (phase === 'reconnecting' || ageMs === null) return { status: 'critical', word: 'Disconnected' }
  if (ageMs > LATE_MS) return { status: 'warning', word: `Live, ${formatAge(ageMs)} ago` }
  return { status: 'ok', word: 'Live' }
}
