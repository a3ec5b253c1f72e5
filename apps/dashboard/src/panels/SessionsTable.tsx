import type { Session, Sessions } from '@poolscope/protocol'
import { useMemo, useState } from 'react'
import { Link } from 'wouter'
import { formatCount, formatMs, UNKNOWN } from '../lib/format.ts'
import type { QueryHistory } from '../lib/query-state.ts'
import { type SessionQuery, type SessionSort, selectSessions } from '../lib/session-query.ts'
import { useIsRecorded } from '../live/hooks.ts'
import { Button } from '../ui/Button.tsx'
import { Card } from '../ui/Card.tsx'
import { Chip } from '../ui/Chip.tsx'
import { DataTable, type TableColumn } from '../ui/DataTable.tsx'
import { SearchBox } from '../ui/SearchBox.tsx'
import { StatusMark } from '../ui/StatusMark.tsx'
import styles from './SessionsTable.module.css'

/** Rows before "show all". */
const FEW = 50

/** The agent sends no more than this. */
const MOST_SESSIONS = 500

/** Beyond this an idle transaction holds up others for certain, ms. */
const LONG_IDLE_MS = 5000

function stateOf(session: Session) {
  const idleInTransaction = session.state.startsWith('idle in transaction')
  if (!idleInTransaction) return session.state
  const long = session.stateMs !== null && session.stateMs > LONG_IDLE_MS
  return <StatusMark status={long ? 'critical' : 'warning'} word={session.state} />
}

/** The sessions of a server, without their SQL: who, from where, doing what, for how long. */
export function SessionsTable({
  sessions,
  query,
  onChange,
  poolHref,
  serverName,
}: {
  sessions: Sessions
  query: SessionQuery
  onChange: (patch: Partial<SessionQuery>, history?: QueryHistory) => void
  /** The page of the pool that owns a session; null when it is not in the fleet (any more). */
  poolHref: (poolId: string) => string | null
  serverName: string
}) {
  const [all, setAll] = useState(false)
  const isRecorded = useIsRecorded()
  const [text, setText] = useState(query.q)
  const found = useMemo(() => selectSessions(sessions.sessions, query), [sessions, query])
  const narrowed = [query.q, query.app, query.user, query.db, query.state].some((part) => part !== '')
  const clear = () => {
    setText('')
    onChange({ q: '', app: '', user: '', db: '', state: '' })
  }
  const columns: readonly TableColumn<Session, SessionSort>[] = [
    {
      id: 'pid',
      label: 'Pid',
      end: true,
      sortFirst: 'ascending',
      hideBelow: 'narrow',
      cell: ({ pid }) => String(pid),
    },
    {
      id: 'application',
      label: 'Application',
      sortFirst: 'ascending',
      cell: ({ application, poolId }) => {
        const name = application === '' ? '(no name)' : application
        const href = poolId === null ? null : poolHref(poolId)
        return href === null ? name : <Link href={href}>{name}</Link>
      },
    },
    {
      id: 'user',
      label: 'User',
      sortFirst: 'ascending',
      hideBelow: 'narrow',
      cell: ({ user }) => user ?? UNKNOWN,
    },
    {
      id: 'database',
      label: 'Database',
      sortFirst: 'ascending',
      hideBelow: 'medium',
      cell: ({ database }) => database ?? UNKNOWN,
    },
    {
      id: 'address',
      label: 'Client',
      sortFirst: 'ascending',
      hideBelow: 'medium',
      cell: ({ clientAddress }) => clientAddress ?? 'socket',
    },
    { id: 'state', label: 'State', sortFirst: 'ascending', cell: stateOf },
    {
      id: 'wait',
      label: 'Waits for',
      sortFirst: 'ascending',
      hideBelow: 'medium',
      cell: ({ waitEventType, waitEvent }) =>
        waitEvent === null ? '' : `${waitEventType === null ? '' : `${waitEventType}: `}${waitEvent}`,
    },
    {
      id: 'inState',
      label: 'In state for',
      end: true,
      sortFirst: 'descending',
      cell: ({ stateMs }) => formatMs(stateMs),
    },
    {
      id: 'transaction',
      label: 'Transaction',
      end: true,
      sortFirst: 'descending',
      hideBelow: 'narrow',
      cell: ({ transactionMs }) => (transactionMs === null ? '' : formatMs(transactionMs)),
    },
  ]
  const total = sessions.total ?? sessions.sessions.length
  return (
    <Card
      title="Sessions"
      note={
        sessions.sessions.length >= MOST_SESSIONS
          ? `${formatCount(sessions.sessions.length)} of ${formatCount(total)}`
          : `${formatCount(sessions.sessions.length)} without the agent’s own`
      }
      flush
    >
      <div className={styles.tools}>
        <div className={styles.chips}>
          {sessions.byState.map(({ key, total: count }) => (
            <Chip
              key={key}
              pressed={query.state === key}
              onPress={() => onChange({ state: query.state === key ? '' : key })}
            >
              <span>
                <strong>{formatCount(count)}</strong> {key}
              </span>
            </Chip>
          ))}
          {narrowed && (
            <Button look="quiet" icon="close" onClick={clear}>
              Clear filter
            </Button>
          )}
        </div>
        <SearchBox
          label={`Search sessions of ${serverName}`}
          placeholder="Search sessions"
          value={text}
          onChange={(next) => {
            setText(next)
            onChange({ q: next }, 'replace')
          }}
        />
      </div>
      {found.length === 0 ? (
        <p className={styles.empty}>{emptyText(isRecorded, narrowed)}</p>
      ) : (
        <DataTable
          caption="Sessions"
          columns={columns}
          rows={all ? found : found.slice(0, FEW)}
          rowKey={({ pid }) => String(pid)}
          sort={query.sort}
          onSort={(sort) => onChange({ sort })}
        />
      )}
      {found.length > FEW && (
        <div className={styles.more}>
          <Button look="quiet" onClick={() => setAll(!all)}>
            {all ? `Show the first ${FEW}` : `Show all ${formatCount(found.length)}`}
          </Button>
        </div>
      )}
    </Card>
  )
}

function emptyText(isRecorded: boolean, narrowed: boolean): string {
  if (isRecorded) return 'Sessions are not in the recording.'
  return narrowed ? 'No session matches the filter.' : 'No session is open.'
}
