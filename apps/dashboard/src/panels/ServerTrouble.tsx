import type { ServerNow, ServerState } from '@poolscope/protocol'
import { formatAge, formatDateTime } from '../lib/format.ts'
import { StatusShape } from '../ui/StatusMark.tsx'
import styles from './ServerTrouble.module.css'

/** What a state of a server means, in words. */
export const SERVER_STATE_WORDS: Readonly<Record<ServerState, string>> = {
  up: 'Sampled',
  connecting: 'Connecting for the first time',
  refused: 'Answers, but lets nobody in',
  denied: 'Refuses the agent’s credentials or privileges',
  unreachable: 'Does not answer',
}

/** What keeps the agent from sampling a server, since when, and what to do. Nothing when it is well. */
export function ServerTrouble({ server, nowMs }: { server: ServerNow; nowMs: number }) {
  const { error, state } = server
  if (error === null) return null
  return (
    <section className={styles.trouble} aria-label="Trouble">
      <p className={styles.title}>
        <StatusShape status="critical" />
        <strong>{SERVER_STATE_WORDS[state]}</strong>
        <code>{error.code}</code>
        <span className={styles.since} title={formatDateTime(error.sinceMs)}>
          for {formatAge(Math.max(0, nowMs - error.sinceMs))}, since {formatDateTime(error.sinceMs)}
        </span>
      </p>
      <p>{error.message}</p>
    </section>
  )
}
