import type { BlackBox, BlackBoxMoment, Statement, SubjectKind } from '@poolscope/protocol'
import { useMemo, useState } from 'react'
import { formatCount, formatDateTime, formatMs, formatTime, UNKNOWN } from '../lib/format.ts'
import { still } from '../lib/moving.ts'
import { useQueryState } from '../lib/query-state.ts'
import { SESSION_QUERY } from '../lib/session-query.ts'
import { frozenStore } from '../live/frozen-store.ts'
import { LiveProvider } from '../live/LiveProvider.tsx'
import { Card } from '../ui/Card.tsx'
import { DataTable, type TableColumn } from '../ui/DataTable.tsx'
import { Select } from '../ui/Select.tsx'
import { StatusMark } from '../ui/StatusMark.tsx'
import { AlertCharts, marksOfAlert } from './AlertCharts.tsx'
import styles from './BlackBoxView.module.css'
import { BlockingChain } from './BlockingChain.tsx'
import { HoldersTable } from './HoldersTable.tsx'
import { SessionsTable } from './SessionsTable.tsx'

/** A file of the minutes around an alert, by the same panels that show what is live. */
export function BlackBoxView({ box }: { box: BlackBox }) {
  const store = useMemo(() => frozenStore(box), [box])
  return (
    <LiveProvider key={box.alert.id} store={store}>
      <Content box={box} />
    </LiveProvider>
  )
}

type Subject = { kind: SubjectKind; id: string; name: string }

function subjectsOf({ moments }: BlackBox): Subject[] {
  const named = moments.flatMap(({ groups, servers }): Subject[] => [
    ...groups.map(({ id, service, name }) => ({ kind: 'group' as const, id, name: `${service} / ${name}` })),
    ...servers.map(({ id, name }) => ({ kind: 'server' as const, id, name })),
  ])
  return [...new Map(named.map((subject) => [subject.id, subject])).values()]
}

function Content({ box }: { box: BlackBox }) {
  const { alert, moments } = box
  const subjects = useMemo(() => subjectsOf(box), [box])
  const marks = useMemo(() => marksOfAlert(alert), [alert])
  const [chosen, setChosen] = useState(alert.subject)
  const [place, setPlace] = useState('0')
  const subject = subjects.find(({ id }) => id === chosen) ?? subjects[0]
  const moment = moments[Number(place)] ?? moments[0]
  if (subject === undefined || moment === undefined) return <p>The file tells of no pool and no server.</p>
  return (
    <section className={styles.box} aria-label="Black box">
      <div className={styles.head}>
        <h2 className={styles.title}>The minutes around it</h2>
        <Select
          label="Of"
          value={subject.id}
          options={subjects.map(({ id, name }) => ({ value: id, label: name }))}
          onChange={setChosen}
        />
        <Select
          label="Lists as of"
          value={place}
          options={moments.map(({ atMs }, index) => ({
            value: String(index),
            label: index === 0 ? `${formatTime(atMs)}, as it fired` : formatTime(atMs),
          }))}
          onChange={setPlace}
        />
        <span className={styles.frozen}>frozen {formatDateTime(box.frozenMs)}</span>
      </div>
      <AlertCharts key={subject.id} kind={subject.kind} subject={subject.id} marks={marks} />
      <PoolsTable moment={moment} />
      {subject.kind === 'group' ? (
        <Holders moment={moment} id={subject.id} />
      ) : (
        <ServerLists moment={moment} id={subject.id} name={subject.name} />
      )}
    </section>
  )
}

function Holders({ moment, id }: { moment: BlackBoxMoment; id: string }) {
  const holders = moment.holders[id]
  if (holders === undefined) return <p>Who held connections is not in the file.</p>
  return (
    <>
      <BlockingChain holders={holders.holders} />
      <HoldersTable of={still({ holders, atMs: moment.atMs })} />
    </>
  )
}

type PoolRow = BlackBoxMoment['pools'][number]

const POOLS: readonly TableColumn<PoolRow>[] = [
  { id: 'status', label: 'Status', cell: ({ status }) => <StatusMark status={status} /> },
  {
    id: 'pool',
    label: 'Pool',
    wide: true,
    cell: ({ service, name, instance }) => `${service} / ${name} · ${instance}`,
  },
  {
    id: 'used',
    label: 'In use / most',
    end: true,
    cell: ({ inUse, max }) => `${formatCount(inUse)} / ${formatCount(max)}`,
  },
  { id: 'idle', label: 'Idle', end: true, hideBelow: 'narrow', cell: ({ idle }) => formatCount(idle) },
  { id: 'waiting', label: 'Waiting', end: true, cell: ({ waiting }) => formatCount(waiting) },
  {
    id: 'wait',
    label: 'Wait p99',
    end: true,
    hideBelow: 'narrow',
    cell: ({ waitMs }) => formatMs(waitMs.p99),
  },
]

function PoolsTable({ moment: { pools } }: { moment: BlackBoxMoment }) {
  return (
    <Card title="Pools" note={formatCount(pools.length)} flush>
      <DataTable caption="Pools" columns={POOLS} rows={pools} rowKey={({ id }) => id} />
    </Card>
  )
}

const STATEMENTS: readonly TableColumn<Statement>[] = [
  {
    id: 'text',
    label: 'Statement',
    wide: true,
    cell: ({ text }) => <code className={styles.sql}>{text}</code>,
  },
  { id: 'total', label: 'Total', end: true, cell: ({ totalMs }) => formatMs(totalMs) },
  { id: 'calls', label: 'Calls', end: true, cell: ({ calls }) => formatCount(calls) },
  { id: 'mean', label: 'Mean', end: true, cell: ({ meanMs }) => formatMs(meanMs) },
  { id: 'max', label: 'Max', end: true, hideBelow: 'narrow', cell: ({ maxMs }) => formatMs(maxMs) },
]

const nowhere = () => null

function ServerLists({ moment, id, name }: { moment: BlackBoxMoment; id: string; name: string }) {
  const [query, setQuery] = useQueryState(SESSION_QUERY)
  const sessions = moment.sessions[id]
  const statements = moment.statements[id]
  return (
    <>
      {sessions === undefined ? (
        <p>The sessions are not in the file.</p>
      ) : (
        <SessionsTable
          sessions={sessions}
          query={query}
          onChange={setQuery}
          poolHref={nowhere}
          serverName={name}
        />
      )}
      {statements === undefined || statements.statements.length === 0 ? (
        <p>No statement is in the file: the server told of none at that moment.</p>
      ) : (
        <Card title="Statements" note={statements.source ?? UNKNOWN} flush>
          <DataTable
            caption="Statements"
            columns={STATEMENTS}
            rows={statements.statements}
            rowKey={(statement) => statement.id}
          />
        </Card>
      )}
    </>
  )
}
