import type { Connections, Session } from '@poolscope/protocol'
import { cleanName, cleanNameOrNull } from './clean-name.ts'

/** Most clients that are listed; Redis has one thread, and serves nobody while it writes the list. */
const LONGEST_LIST = 5000
/** A hundred clients may be listed every second, a thousand every ten. */
const PAUSE_PER_CLIENT_MS = 10
const LEAST_PAUSE_MS = 1000
const MOST_PAUSE_MS = 10_000
/** A sample may come a little early. */
const EARLY_MS = 100

/** One client as CLIENT LIST has it: texts by name. */
type RedisClient = ReadonlyMap<string, string>

type Place = 'active' | 'idle' | 'idleInTransaction' | 'other'

/** What a list of clients said. */
export type ClientList = {
  connections: { [Key in keyof Connections]: number }
  sessions: Omit<Session, 'poolId'>[]
  /** Bytes that all clients together take; null where the version does not say. */
  memoryBytes: number | null
  /** Clients that listen to a channel. */
  subscribed: number
  /** Clients that hear of every command that anybody runs. */
  monitors: number
}

/** How long to wait from one list to the next; null where it is too long to be asked for. */
export function listPauseMs(clients: number): number | null {
  if (clients >= LONGEST_LIST) return null
  return Math.min(MOST_PAUSE_MS, Math.max(LEAST_PAUSE_MS, clients * PAUSE_PER_CLIENT_MS)) - EARLY_MS
}

/**
 * Reads CLIENT LIST.
 * @param ownId the client that asked
 * @param microseconds the server's clock when it answered; null where it does not tell
 */
export function readClientList(text: string, ownId: number, microseconds: number | null): ClientList {
  // Idle time is the difference of two whole seconds: early in a second, 1 is as good as 0.
  const early = microseconds !== null && microseconds % 1_000_000 < 500_000
  const busySeconds = early ? 1 : 0
  const clients = text
    .split('\n')
    .filter((line) => line !== '')
    .map(parseClient)
  const connections = { active: 0, idle: 0, idleInTransaction: 0, other: 0, total: clients.length }
  const sessions: ClientList['sessions'] = []
  let memoryBytes: number | null = null
  for (const client of clients) {
    const place = placeOf(client, ownId, busySeconds)
    connections[place] += 1
    if (place !== 'other') sessions.push(toSession(client, place))
    const bytes = numberIn(client, 'tot-mem')
    if (bytes !== null) memoryBytes = (memoryBytes === null ? 0 : memoryBytes) + bytes
  }
  const flagged = (flag: string) => clients.filter((client) => flags(client).includes(flag)).length
  return {
    connections,
    sessions: sessions.slice(0, LONGEST_LIST),
    memoryBytes,
    subscribed: flagged('P'),
    monitors: flagged('O'),
  }
}

/**
 * The counts of this moment from an earlier list: clients that came since are not known to do anything yet, and those
 * that went are taken for idle ones first.
 * @param list null where there is none: only the total is known then
 */
export function countsNow(list: ClientList | null, total: number | null): Connections {
  if (list === null || total === null) {
    return { active: null, idle: null, idleInTransaction: null, other: null, total }
  }
  const { active, idle, idleInTransaction } = list.connections
  let gone = Math.max(0, list.connections.total - total)
  const less = (count: number) => {
    const left = Math.max(0, count - gone)
    gone -= count - left
    return left
  }
  const now = { idle: less(idle), active: less(active), idleInTransaction: less(idleInTransaction) }
  return { ...now, other: total - now.idle - now.active - now.idleInTransaction, total }
}

function parseClient(line: string): RedisClient {
  // A value has no space but for the path of a Unix socket, which no name follows that could be mistaken.
  return new Map(
    line.split(' ').flatMap((pair): [string, string][] => {
      const at = pair.indexOf('=')
      return at === -1 ? [] : [[pair.slice(0, at), pair.slice(at + 1)]]
    }),
  )
}

/**
 * Replicas, the primary of a replica and the agent's own connection are clients of no application.
 * @param busySeconds a client that was heard of no longer ago works; Redis does one thing at a time, so that hardly
 *   any would be caught at it
 */
function placeOf(client: RedisClient, ownId: number, busySeconds: number): Place {
  const all = flags(client)
  if (numberIn(client, 'id') === ownId) return 'other'
  if (all.includes('M') || (all.includes('S') && !all.includes('O'))) return 'other'
  if (all.includes('b') || all.includes('O')) return 'active'
  if (all.includes('x')) return 'idleInTransaction'
  const idle = numberIn(client, 'idle')
  return idle !== null && idle <= busySeconds ? 'active' : 'idle'
}

function toSession(client: RedisClient, place: Exclude<Place, 'other'>): Omit<Session, 'poolId'> {
  const id = numberIn(client, 'id')
  const name = client.get('name') || client.get('lib-name') || ''
  const blocked = flags(client).includes('b')
  const seconds = (key: string) => {
    const value = numberIn(client, key)
    return value === null ? null : value * 1000
  }
  return {
    pid: id === null ? 0 : id,
    application: cleanName(name),
    user: cleanNameOrNull(client.get('user') ?? null),
    database: `db${numberIn(client, 'db') ?? ''}`,
    clientAddress: addressIn(client),
    state: place === 'idleInTransaction' ? 'idle in transaction' : place,
    waitEventType: blocked ? 'Client' : null,
    waitEvent: blocked ? 'blocked' : null,
    connectedMs: seconds('age'),
    stateMs: seconds('idle'),
    transactionMs: null,
  }
}

/** The host without its port; null for a Unix socket. */
function addressIn(client: RedisClient): string | null {
  const address = client.get('addr') ?? ''
  if (address === '' || address.startsWith('/') || flags(client).includes('U')) return null
  return cleanName(address.slice(0, address.lastIndexOf(':')).replace(/^\[(.*)\]$/, '$1'))
}

function flags(client: RedisClient): string {
  return client.get('flags') ?? ''
}

function numberIn(client: RedisClient, key: string): number | null {
  const text = client.get(key)
  return text === undefined || text === '' || !Number.isFinite(Number(text)) ? null : Number(text)
}
