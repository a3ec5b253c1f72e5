import type { Session } from '@poolscope/protocol'
import { compareBy, type SortKey } from './order.ts'
import { type QuerySchema, type Sort, sortParam, textParam } from './query-state.ts'

/** The columns that the sessions sort by. */
const SESSION_SORTS = [
  'pid',
  'application',
  'user',
  'database',
  'address',
  'state',
  'wait',
  'inState',
  'transaction',
] as const
export type SessionSort = (typeof SESSION_SORTS)[number]

/** The state of a server's page; `app`, `user`, `db` and `state` are exact, `q` is any part of any field. */
export type SessionQuery = {
  q: string
  app: string
  user: string
  db: string
  state: string
  sort: Sort<SessionSort>
}

/** How a server page's state stands in its address: the longest transactions first. */
export const SESSION_QUERY: QuerySchema<SessionQuery> = {
  q: textParam(),
  app: textParam(),
  user: textParam(),
  db: textParam(),
  state: textParam(),
  sort: sortParam(SESSION_SORTS, { column: 'transaction', descending: true }),
}

const KEYS: Readonly<Record<SessionSort, (session: Session) => SortKey>> = {
  pid: (session) => session.pid,
  application: (session) => session.application,
  user: (session) => session.user,
  database: (session) => session.database,
  address: (session) => session.clientAddress,
  state: (session) => session.state,
  wait: (session) => session.waitEvent,
  inState: (session) => session.stateMs,
  transaction: (session) => session.transactionMs,
}

/** The sessions that a query finds, in its order; unknown last, equal ones by process id. */
export function selectSessions(sessions: readonly Session[], query: SessionQuery): Session[] {
  const words = query.q
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
  const found = sessions.filter((session) => {
    if (query.app !== '' && session.application !== query.app) return false
    if (query.user !== '' && session.user !== query.user) return false
    if (query.db !== '' && session.database !== query.db) return false
    if (query.state !== '' && session.state !== query.state) return false
    if (words.length === 0) return true
    const text = [
      session.pid,
      session.application,
      session.user,
      session.database,
      session.clientAddress,
      session.state,
      session.waitEventType,
      session.waitEvent,
    ]
      .join(' ')
      .toLowerCase()
    return words.every((word) => text.includes(word))
  })
  return found.sort(
    compareBy(KEYS[query.sort.column], query.sort.descending, (session) => String(session.pid)),
  )
}
