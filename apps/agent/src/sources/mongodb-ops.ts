import type { Session } from '@poolscope/protocol'
import type { Document } from 'mongodb'
import { cleanName, cleanNameOrNull } from './clean-name.ts'
import { documentsAt, numberAt, textAt } from './mongodb-document.ts'

/** Most operations that one list has. */
export const LONGEST_LIST = 5000

/** Commands whose name the server does not tell in a word of its own. What each carries is where it looks, no value. */
const NAMED = [
  'aggregate',
  'count',
  'distinct',
  'findAndModify',
  'findandmodify',
  'mapReduce',
  'createIndexes',
  'dropIndexes',
  'listCollections',
  'listIndexes',
  'collStats',
  'dbStats',
  'validate',
  'commitTransaction',
  'abortTransaction',
  'bulkWrite',
  'ping',
  'hello',
  'isMaster',
  'ismaster',
] as const

/** With these every driver asks, over a connection that serves nobody else, whether the server still is what it was. */
const MONITORING = new Set<string>(['hello', 'isMaster', 'ismaster'])

const WORDS: Record<string, string> = {
  query: 'find',
  insert: 'insert',
  update: 'update',
  remove: 'delete',
  getmore: 'getMore',
}

const FIELDS = [
  ...['type', 'connectionId', 'client', 'appName', 'clientMetadata.application.name'],
  ...['clientMetadata.driver.name', 'effectiveUsers', 'active', 'opid', 'microsecs_running', 'op', 'ns'],
  ...[
    'waitingForLock',
    'waitingForFlowControl',
    'transaction.timeOpenMicros',
    'transaction.timeInactiveMicros',
  ],
]

/**
 * The command that lists what every connection does, idle ones too. Of what runs, only the name is asked for: no filter
 * and no value leaves the server.
 * @param isRouter a mongos is asked for its own connections, not for those of its shards
 */
export function currentOpCommand(isRouter: boolean): Document {
  const paths = [...FIELDS, ...NAMED.map((name) => `command.${name}`)]
  return {
    aggregate: 1,
    pipeline: [
      {
        $currentOp: {
          allUsers: true,
          idleConnections: true,
          idleSessions: true,
          ...(isRouter ? { localOps: true } : {}),
        },
      },
      { $match: { connectionId: { $exists: true } } },
      { $limit: LONGEST_LIST },
      { $project: Object.fromEntries(paths.map((path) => [path, 1])) },
    ],
    cursor: { batchSize: LONGEST_LIST },
  }
}

/** One statement that runs. */
export type MongodbRun = {
  opid: string
  text: string
  user: string | null
  database: string | null
  elapsedMs: number
}

/** What a list of operations said. */
export type OpList = {
  active: number
  idle: number
  idleInTransaction: number
  /** Connections of other members of the cluster, and of the agent itself. */
  others: number
  sessions: Omit<Session, 'poolId'>[]
  runs: MongodbRun[]
}

type Client = { operation: Document; transaction: Document | null }

/** Reads the answer to {@link currentOpCommand}. @param ownId the connection that asked */
export function readOps(reply: Document, ownId: number | null): OpList {
  const list: OpList = { active: 0, idle: 0, idleInTransaction: 0, others: 0, sessions: [], runs: [] }
  for (const [id, { operation, transaction }] of clientsOf(documentsAt(reply, 'cursor', 'firstBatch'))) {
    if (id === ownId || isInternal(operation)) {
      list.others += 1
      continue
    }
    const name = operation.active === true ? nameOf(operation) : null
    const active = name !== null && !MONITORING.has(name)
    const place = active ? 'active' : transaction === null ? 'idle' : 'idleInTransaction'
    list[place] += 1
    list.sessions.push(sessionOf(id, operation, transaction, place))
    if (active) list.runs.push(runOf(id, operation, name))
  }
  return list
}

/** Each connection once: what it does, and the transaction that it left open. */
function clientsOf(documents: readonly Document[]): Map<number, Client> {
  const clients = new Map<number, Client>()
  const [sessions, operations] = [
    documents.filter(({ type }) => type === 'idleSession'),
    documents.filter(({ type }) => type !== 'idleSession' && type !== 'idleCursor'),
  ]
  for (const operation of operations) {
    const id = numberAt(operation, 'connectionId')
    if (id === null || (clients.has(id) && operation.active !== true)) continue
    clients.set(id, { operation, transaction: null })
  }
  for (const session of sessions) {
    const client = clients.get(numberAt(session, 'connectionId') ?? Number.NaN)
    if (client !== undefined && session.transaction !== undefined) client.transaction = session.transaction
  }
  return clients
}

function isInternal(operation: Document): boolean {
  if (documentsAt(operation, 'effectiveUsers').some(({ user }) => user === '__system')) return true
  const driver = textAt(operation, 'clientMetadata', 'driver', 'name')
  return driver !== null && /^(NetworkInterface|MongoDB Internal Client)/.test(driver)
}

/** @example nameOf({ op: 'query', ns: 'shop.orders' }) // 'find' */
function nameOf(operation: Document): string {
  const word = textAt(operation, 'op') ?? 'command'
  const known = WORDS[word]
  if (known !== undefined) return known
  const command: unknown = operation.command
  if (typeof command !== 'object' || command === null) return 'command'
  return NAMED.find((name) => name in command) ?? 'command'
}

function runOf(id: number, operation: Document, name: string): MongodbRun {
  const ns = textAt(operation, 'ns')
  return {
    opid: `${id} ${String(operation.opid)}`,
    text: ns === null ? name : `${name} ${cleanName(ns)}`,
    user: userOf(operation),
    database: ns === null ? null : cleanName(ns.split('.')[0] ?? ''),
    elapsedMs: runningMs(operation) ?? 0,
  }
}

function sessionOf(
  pid: number,
  operation: Document,
  transaction: Document | null,
  place: 'active' | 'idle' | 'idleInTransaction',
): Omit<Session, 'poolId'> {
  const locked = place === 'active' && operation.waitingForLock === true
  const slowed = place === 'active' && operation.waitingForFlowControl === true
  const inactiveMs = millis(numberAt(transaction, 'timeInactiveMicros'))
  return {
    pid,
    application: applicationOf(operation),
    user: userOf(operation),
    // A connection belongs to no database.
    database: null,
    clientAddress: addressOf(textAt(operation, 'client')),
    state: place === 'idleInTransaction' ? 'idle in transaction' : place,
    waitEventType: locked ? 'Lock' : slowed ? 'FlowControl' : null,
    waitEvent: null,
    connectedMs: null,
    stateMs: place === 'active' ? runningMs(operation) : place === 'idle' ? null : inactiveMs,
    transactionMs: millis(numberAt(transaction, 'timeOpenMicros')),
  }
}

/** The name that a client gave itself, else that of its driver. */
function applicationOf(operation: Document): string {
  const given = textAt(operation, 'appName') ?? textAt(operation, 'clientMetadata', 'application', 'name')
  return cleanName(given ?? textAt(operation, 'clientMetadata', 'driver', 'name') ?? '')
}

function userOf(operation: Document): string | null {
  return cleanNameOrNull(textAt(documentsAt(operation, 'effectiveUsers')[0] ?? null, 'user'))
}

/** The host without its port; null for a Unix socket. */
function addressOf(client: string | null): string | null {
  if (client === null || client.startsWith('/') || client.startsWith('anonymous')) return null
  return cleanName(client.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1'))
}

function runningMs(operation: Document): number | null {
  return millis(numberAt(operation, 'microsecs_running'))
}

function millis(micros: number | null): number | null {
  return micros === null ? null : micros / 1000
}
