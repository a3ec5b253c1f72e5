import { useNow } from '../lib/clock.ts'
import { formatAge, formatTime, timeZoneName } from '../lib/format.ts'
import { useConnection, useRetry } from '../live/hooks.ts'
import { Button } from '../ui/Button.tsx'
import { StatusShape } from '../ui/StatusMark.tsx'
import styles from './Banner.module.css'

/** Says that the agent is out of reach, how old the numbers on screen are, and when it tries again. */
export function DisconnectedBanner() {
  const { phase, attempt, outdated } = useConnection()
  if (outdated) {
    return (
      <section className={styles.banner} aria-label="Connection">
        <p role="status">
          <StatusShape status="info" /> <strong>The agent runs another version than this page.</strong> What
          you see no longer moves.
        </p>
        <Button onClick={() => location.reload()}>Load the page again</Button>
      </section>
    )
  }
  if (phase !== 'reconnecting' && !(phase === 'connecting' && attempt > 0)) return null
  return <Lost />
}

function Lost() {
  const retry = useRetry()
  const { lastMessageAtMs, retryAtMs } = useConnection()
  const nowMs = useNow()
  const waitMs = retryAtMs === null ? 0 : retryAtMs - nowMs
  return (
    <section className={`${styles.banner} ${styles.critical}`} aria-label="Connection">
      <p role="status">
        <StatusShape status="critical" /> <strong>No connection to the agent.</strong>{' '}
        {lastMessageAtMs === null
          ? 'Nothing was received yet.'
          : `What you see is from ${formatTime(lastMessageAtMs)} ${timeZoneName(lastMessageAtMs)}.`}
      </p>
      <p className={styles.detail}>
        {lastMessageAtMs !== null && `${formatAge(Math.max(0, nowMs - lastMessageAtMs))} old · `}
        {waitMs >= 1000 ? `next attempt in ${formatAge(waitMs)}` : 'trying now'}
      </p>
      <Button onClick={retry}>Try now</Button>
    </section>
  )
}
