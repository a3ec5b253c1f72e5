import type { Detail, DetailGroup } from '@poolscope/protocol'
import { cleanName } from './clean-name.ts'
import type { ClientRow, Transactions } from './mysql-clients.ts'
import type { FlavorSetting, MysqlFlavor } from './mysql-flavor.ts'
import type { Rates } from './rates.ts'

/** Names in lower case: the two kinds of server do not write them alike. */
export type Variables = ReadonlyMap<string, string>

/** What may be read of the performance schema. */
export type SchemaState = 'on' | 'off' | 'denied'

const GAUGES: Record<string, string> = {
  Threads_connected: 'Connections that are open now, those of replicas and unfinished logins among them.',
  Threads_running: 'Connections that run a statement now.',
  Threads_cached: 'Threads that wait for the next connection.',
  Max_used_connections: 'Most connections at one time since the server started.',
}

const COUNTERS: Record<string, string> = {
  Connections: 'Attempts to connect: many a second say that a client does not pool.',
  Aborted_connects: 'Attempts that failed: a full server, a wrong password, no right, a broken login.',
  Connection_errors_max_connections: 'Refused because of max_connections, where the server counts those.',
  Aborted_clients: 'Clients that went without a goodbye: time-outs, crashes, forgotten connections.',
  Threads_created: 'Threads that were made for a connection, none being cached.',
  Questions: 'Statements that clients sent.',
  Slow_queries: 'Statements that took longer than long_query_time.',
}

const SETTINGS: Record<string, FlavorSetting> = {
  wait_timeout: {
    unit: 'ms',
    scale: 1000,
    note: 'An idle connection is closed after this long. Pools should close first.',
  },
  interactive_timeout: {
    unit: 'ms',
    scale: 1000,
    note: 'The same for clients that say that they are interactive.',
  },
  lock_wait_timeout: {
    unit: 'ms',
    scale: 1000,
    note: 'A statement that waits longer for the lock of a table’s definition fails.',
  },
  innodb_lock_wait_timeout: {
    unit: 'ms',
    scale: 1000,
    note: 'A statement that waits longer for a row lock fails.',
  },
  connect_timeout: { unit: 'ms', scale: 1000, note: 'A login that takes longer is cut off.' },
  max_user_connections: {
    unit: 'count',
    scale: 1,
    note: 'Most connections of an account without a limit of its own; 0 is no limit.',
  },
  max_connect_errors: {
    unit: 'count',
    scale: 1,
    note: 'After so many broken logins in a row a machine is kept out until the server’s host cache is emptied.',
  },
  thread_cache_size: { unit: 'count', scale: 1, note: 'Threads that are kept for the next connection.' },
}

/** Status variables that a sample needs. */
export function statusNames({ counters }: MysqlFlavor): string[] {
  return ['Uptime', ...Object.keys(GAUGES), ...Object.keys(COUNTERS), ...Object.keys(counters)]
}

/** Settings that are read. */
export function settingNames({ settings }: MysqlFlavor): string[] {
  return ['max_connections', 'performance_schema', ...Object.keys(SETTINGS), ...Object.keys(settings)]
}

/** Threads as the server counts them. */
export function threadDetails(status: Variables): DetailGroup {
  const details = Object.entries(GAUGES).map(
    ([name, note]): Detail => ({ name, value: numberIn(status, name), unit: 'count', note }),
  )
  return { title: 'Threads', details }
}

/** What the sessions of this moment say together; nothing where those of others may not be seen. */
export function activityDetails(rows: readonly ClientRow[], transactions: Transactions): DetailGroup[] {
  if (transactions === null) return []
  const sleeping = new Map(rows.flatMap((row) => (row.command === 'Sleep' ? [[row.pid, row]] : [])))
  const open = [...transactions.values()]
  const running = rows.filter(({ command }) => command === 'Query' || command === 'Execute')
  const count = (name: string, value: number, note: string): Detail => ({ name, value, unit: 'count', note })
  return [
    {
      title: 'Activity',
      details: [
        age(
          'oldest transaction',
          open.map(({ ageMs }) => ageMs),
          'What it could still read cannot be cleaned up.',
        ),
        age(
          'oldest idle in transaction',
          open.flatMap(({ pid }) => sleeping.get(pid)?.timeMs ?? []),
          'Holds its locks and its connection, and does nothing.',
        ),
        age(
          'longest running statement',
          running.flatMap(({ timeMs }) => timeMs ?? []),
          'Of the sessions that run one now.',
        ),
        count(
          'waiting for a row lock',
          open.filter(({ waits }) => waits === 1).length,
          'Transactions that another one keeps waiting.',
        ),
        count(
          'waiting for a table',
          running.filter(({ state }) => /^Waiting for table/i.test(state ?? '')).length,
          'Statements that wait for a table or for its definition.',
        ),
        count(
          'replicas',
          rows.filter(({ command }) => command?.startsWith('Binlog Dump') === true).length,
          'Connections that are sent the binary log; each takes one of max_connections.',
        ),
        count(
          'unfinished logins',
          rows.filter(({ command }) => command === 'Connect').length,
          'Connections that have not logged in yet; each takes one of max_connections.',
        ),
      ],
    },
  ]
}

/** What happened in a second, between this sample and the one before. */
export function rateDetails(
  { counters }: MysqlFlavor,
  status: Variables,
  rates: Rates,
  nowMs: number,
): DetailGroup {
  const details = Object.entries({ ...COUNTERS, ...counters }).map(
    ([name, note]): Detail => ({
      name,
      value: rates.perSec(name, numberIn(status, name), nowMs),
      unit: 'perSec',
      note,
    }),
  )
  return { title: 'Rates', details }
}

/** Settings that decide how long a session may hold a connection, and how many there may be. */
export function settingDetails(flavor: MysqlFlavor, variables: Variables, schema: SchemaState): DetailGroup {
  const details = Object.entries({ ...SETTINGS, ...flavor.settings }).flatMap(
    ([name, { unit, scale, note }]): Detail[] => {
      const text = variables.get(name)
      if (text === undefined) return []
      if (unit === 'text') return [{ name, value: cleanName(text), unit, note }]
      const value = numberIn(variables, name)
      return [{ name, value: value === null ? null : value * scale, unit, note }]
    },
  )
  const product: Detail = { name: 'server', value: flavor.label, unit: 'text', note: 'What answers here.' }
  return {
    title: 'Settings',
    details: [product, ...details, { name: 'performance_schema', ...SCHEMA[schema] }],
  }
}

const SCHEMA: Record<SchemaState, Omit<Detail, 'name'>> = {
  on: { value: 'on', unit: 'text', note: 'Tells program names and counts statements.' },
  off: {
    value: 'off',
    unit: 'text',
    note: 'Program names are not known, and statements are sampled from sessions.',
  },
  denied: {
    value: 'may not be read',
    unit: 'text',
    note: 'Program names are not known, and statements are sampled: GRANT SELECT ON performance_schema.*.',
  },
}

/** A number that the server told; null where it told none. */
export function numberIn(values: Variables, name: string): number | null {
  const text = values.get(name.toLowerCase())
  const value = Number(text)
  return text === undefined || text === '' || !Number.isFinite(value) ? null : value
}

function age(name: string, ages: readonly number[], note: string): Detail {
  const value = ages.length === 0 ? null : Math.max(0, Math.round(Math.max(...ages)))
  return { name, value, unit: 'ms', note }
}
