import { ALERT_STATES, type Alert, type AlertState, type Alerts } from '@poolscope/protocol'
import { useState } from 'react'
import { Link } from 'wouter'
import { useAlertsQuery } from '../api/alerts.ts'
import type { Answer } from '../api/queries.ts'
import { ALERT_QUERY } from '../lib/alert-query.ts'
import { useDocumentTitle } from '../lib/document-title.ts'
import { formatCount, formatTime } from '../lib/format.ts'
import { useQueryState } from '../lib/query-state.ts'
import { type FleetView, useFleet } from '../live/hooks.ts'
import { AlertItem } from '../panels/AlertItem.tsx'
import { Failed } from '../panels/Failed.tsx'
import { NotifiersCard } from '../panels/NotifiersCard.tsx'
import { SilencesCard } from '../panels/SilencesCard.tsx'
import { nameOfSubject } from '../panels/subject-name.ts'
import { Button } from '../ui/Button.tsx'
import { Chip, ChipSet } from '../ui/Chip.tsx'
import { Notice } from '../ui/Notice.tsx'
import { Skeleton } from '../ui/Skeleton.tsx'
import { StatusShape } from '../ui/StatusMark.tsx'
import styles from './AlertsPage.module.css'

/** Those that are over, before "show all". */
const FEW = 20
const ORDER = ['firing', 'pending', 'resolved'] as const satisfies readonly AlertState[]
const TITLES: Readonly<Record<AlertState, string>> = {
  firing: 'Firing',
  pending: 'Pending',
  resolved: 'Resolved',
}

/** "What fired, is it still so, and who knows of it?" */
export function AlertsPage() {
  const fleet = useFleet()
  const [query, setQuery] = useQueryState(ALERT_QUERY)
  const answers: Record<AlertState, Answer<Alerts>> = {
    firing: useAlertsQuery('firing'),
    pending: useAlertsQuery('pending'),
    resolved: useAlertsQuery('resolved'),
  }
  useDocumentTitle('Alerts')
  const nameOf = (subject: string) => nameOfSubject(fleet, subject)
  const { data, error, refetch } = answers.firing
  if (data === undefined && error !== null) {
    return <Failed what="the alerts" error={error} retry={() => void refetch()} />
  }
  if (data === undefined) return <Skeleton what="the alerts" rows={8} />
  const ofSubject = (state: AlertState) =>
    answers[state].data?.alerts.filter(({ subject }) => query.subject === '' || subject === query.subject)
  const shown = ORDER.filter((state) => query.state.length === 0 || query.state.includes(state))
  const failing = ORDER.map((state) => answers[state]).find((answer) => answer.error !== null)
  return (
    <>
      <h1 className={styles.title}>Alerts</h1>
      <div className={styles.filters}>
        <ChipSet legend="Filter by state">
          {ORDER.map((state) => (
            <Chip
              key={state}
              pressed={query.state.includes(state)}
              onPress={() => setQuery({ state: toggled(query.state, state) })}
            >
              <strong>{formatCount(ofSubject(state)?.length)}</strong> {state}
            </Chip>
          ))}
        </ChipSet>
        {query.subject !== '' && (
          <p className={styles.only}>
            Of {nameOf(query.subject)} alone.{' '}
            <Button look="quiet" icon="close" onClick={() => setQuery({ subject: '' })}>
              Show all
            </Button>
          </p>
        )}
      </div>
      {failing?.error != null && (
        <p role="status" className={styles.old}>
          <StatusShape status="critical" /> Could not ask again: {failing.error.message} What you see is from{' '}
          {formatTime(data.atMs)}.
        </p>
      )}
      <div className={styles.columns}>
        <div className={styles.main}>
          {shown.map((state) => (
            <Section
              key={state}
              state={state}
              answer={answers[state]}
              alerts={ofSubject(state)}
              empty={<Empty state={state} fleet={fleet} narrowed={query.subject !== ''} />}
            />
          ))}
        </div>
        <aside className={styles.side} aria-label="Notifications">
          <NotifiersCard notifiers={data.notifiers} nowMs={data.atMs} />
          <SilencesCard nameOf={nameOf} />
          <p className={styles.none}>
            Have a file of an alert? <Link href="/blackbox">Open a black box</Link>
          </p>
        </aside>
      </div>
    </>
  )
}

function toggled(states: readonly AlertState[], state: AlertState): readonly AlertState[] {
  const next = states.includes(state) ? states.filter((one) => one !== state) : [...states, state]
  return next.length === ALERT_STATES.length ? [] : next
}

function Section({
  state,
  answer,
  alerts,
  empty,
}: {
  state: AlertState
  answer: Answer<Alerts>
  alerts: readonly Alert[] | undefined
  empty: React.ReactNode
}) {
  const [all, setAll] = useState(false)
  const { data } = answer
  const few = state === 'resolved' && !all
  return (
    <section className={styles.section} aria-label={TITLES[state]}>
      <h2 className={styles.heading}>{TITLES[state]}</h2>
      {alerts === undefined || data === undefined ? (
        answer.error === null ? (
          <p className={styles.none}>Loading …</p>
        ) : (
          <p>
            <StatusShape status="critical" /> {answer.error.message}
          </p>
        )
      ) : alerts.length === 0 ? (
        empty
      ) : (
        <ul className={styles.list}>
          {(few ? alerts.slice(0, FEW) : alerts).map((alert) => (
            <li key={alert.id}>
              <AlertItem alert={alert} nowMs={data.atMs} />
            </li>
          ))}
        </ul>
      )}
      {few && alerts !== undefined && alerts.length > FEW && (
        <Button onClick={() => setAll(true)}>Show all {formatCount(alerts.length)}</Button>
      )}
    </section>
  )
}

function Empty({ state, fleet, narrowed }: { state: AlertState; fleet: FleetView; narrowed: boolean }) {
  if (state !== 'firing' || narrowed) {
    const words = { firing: 'fires', pending: 'is pending', resolved: 'was resolved yet' }
    return <p className={styles.none}>Nothing {words[state]}.</p>
  }
  const pools = fleet.groups.length
  const servers = fleet.servers.length
  return (
    <Notice status={fleet.ready && pools + servers > 0 ? 'ok' : 'unknown'} title="Nothing fires" level={3}>
      {fleet.ready && (
        <p>
          {pools + servers === 0
            ? 'Nothing is watched either: no pool has reported, and the agent was given no server.'
            : `${formatCount(pools)} ${pools === 1 ? 'pool' : 'pools'} and ${formatCount(servers)} ${servers === 1 ? 'server are' : 'servers are'} judged once a second: exhaustion, waits, leaks, locks, idle transactions, connection storms, limits of the server and more.`}{' '}
          What is worth a change, but nobody’s sleep, is on the page of <Link href="/advice">advice</Link>.
        </p>
      )}
    </Notice>
  )
}
