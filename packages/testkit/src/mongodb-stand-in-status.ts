import { type Document, Long } from 'bson'
import type { MongoStandIn, StandInReplicaSet } from './mongodb-stand-in.ts'
import type { StandInConnection } from './mongodb-stand-in-connection.ts'

const DRIVERS_WORD: Record<string, string> = {
  find: 'query',
  insert: 'insert',
  update: 'update',
  delete: 'remove',
  getMore: 'getmore',
}

/** The sections of `serverStatus` that a stand-in can count, without those that are switched off. */
export function serverStatus(server: MongoStandIn, _connection: unknown, body: Document): Document {
  const { counters, replicaSet, connections } = server
  const current = connections.size
  const all = [...connections.values()]
  const open = all.flatMap(({ transactions }) => [...transactions.values()]).length
  const uptimeMs = Date.now() - server.startedAtMs
  const sections: Document = {
    connections: {
      current,
      available: server.maxConnections - current,
      totalCreated: Long.fromNumber(counters.totalCreated),
      rejected: Long.fromNumber(counters.rejected),
      active: all.filter(({ running }) => running !== null).length,
      threaded: current,
    },
    network: pick(counters, ['bytesIn', 'bytesOut', 'numRequests']),
    opcounters: pick(counters, ['insert', 'query', 'update', 'delete', 'getmore', 'command']),
    transactions: { currentOpen: Long.fromNumber(open), currentInactive: Long.fromNumber(open) },
    // It keeps no cursor open.
    metrics: { cursor: { timedOut: Long.ZERO, open: { total: Long.ZERO, noTimeout: Long.ZERO } } },
    ...(replicaSet === null ? {} : { repl: replOf(replicaSet, server.address) }),
  }
  const wanted = Object.entries(sections).filter(([name]) => body[name] !== 0 && body[name] !== false)
  return {
    host: server.address,
    version: '8.0.0',
    process: 'mongod',
    pid: Long.fromNumber(process.pid),
    uptime: uptimeMs / 1000,
    uptimeMillis: Long.fromNumber(uptimeMs),
    localTime: new Date(),
    ...Object.fromEntries(wanted),
  }
}

/** What every open connection does, and every open transaction in which nothing runs. */
export function currentOp(server: MongoStandIn, pipeline: readonly Document[]): Document[] {
  const { allUsers = false, idleConnections = false, idleSessions = true } = pipeline[0]?.$currentOp ?? {}
  const documents = [...server.connections.values()].flatMap((connection) => {
    if (connection.running === null && !idleConnections) return []
    const idle = connection.running === null && idleSessions ? inactiveTransactions(connection) : []
    return [operation(connection), ...idle]
  })
  // Without it one sees one's own only, which nobody here asks for.
  const seen = allUsers ? documents : []
  const project: Document | undefined = pipeline.find((stage) => stage.$project !== undefined)?.$project
  const limit: number = pipeline.find((stage) => stage.$limit !== undefined)?.$limit ?? seen.length
  const fields = project === undefined ? null : Object.keys(project)
  return seen.slice(0, limit).map((document) => (fields === null ? document : included(document, fields)))
}

/** `replSetGetStatus` of a set whose members all keep up. */
export function replicaStatus({ name, hosts }: StandInReplicaSet, self: string): Document {
  const optimeDate = new Date()
  const members = hosts.map((host, id) => ({
    _id: id,
    name: host,
    health: 1,
    state: id === 0 ? 1 : 2,
    stateStr: id === 0 ? 'PRIMARY' : 'SECONDARY',
    optimeDate,
    ...(host === self ? { self: true } : {}),
  }))
  return { set: name, myState: self === hosts[0] ? 1 : 2, members }
}

function replOf({ name, hosts }: StandInReplicaSet, self: string): Document {
  const primary = hosts[0] === self
  return {
    setName: name,
    isWritablePrimary: primary,
    secondary: !primary,
    primary: hosts[0],
    hosts: [...hosts],
    me: self,
  }
}

function operation(connection: StandInConnection): Document {
  const { running } = connection
  const common = {
    type: 'op',
    desc: `conn${connection.id}`,
    ...clientOf(connection),
    active: running !== null,
  }
  if (running === null) return common
  const [name = ''] = Object.keys(running.command)
  const micros = (Date.now() - running.startedAtMs) * 1000
  const target: unknown = running.command[name]
  return {
    ...common,
    opid: running.opid,
    secs_running: Long.fromNumber(Math.floor(micros / 1e6)),
    microsecs_running: Long.fromNumber(micros),
    op: DRIVERS_WORD[name] ?? 'command',
    ns: `${running.command.$db}.${typeof target === 'string' ? target : `$cmd.${name}`}`,
    command: running.command,
  }
}

function inactiveTransactions(connection: StandInConnection): Document[] {
  const nowMs = Date.now()
  return [...connection.transactions.values()].map(({ sinceMs, lastAtMs }) => ({
    type: 'idleSession',
    desc: 'inactive transaction',
    ...clientOf(connection),
    active: false,
    transaction: {
      timeOpenMicros: Long.fromNumber((nowMs - sinceMs) * 1000),
      timeInactiveMicros: Long.fromNumber((nowMs - lastAtMs) * 1000),
    },
  }))
}

function clientOf({ id, remote, client, user }: StandInConnection): Document {
  const name: unknown = client.application?.name
  return {
    client: remote,
    connectionId: id,
    ...(typeof name === 'string' ? { appName: name } : {}),
    clientMetadata: client,
    ...(user === null ? {} : { effectiveUsers: [{ user, db: 'admin' }] }),
  }
}

/** The named fields of a document, with dots for those within. */
function included(document: Document, paths: readonly string[]): Document {
  const kept: Document = {}
  for (const path of paths) {
    const names = path.split('.')
    let from: unknown = document
    for (const name of names) from = (from as Document | undefined)?.[name]
    if (from === undefined) continue
    let to = kept
    for (const name of names.slice(0, -1)) {
      to[name] ??= {}
      to = to[name]
    }
    to[names.at(-1) as string] = from
  }
  return kept
}

function pick(counters: Readonly<Record<string, number>>, names: readonly string[]): Document {
  return Object.fromEntries(names.map((name) => [name, Long.fromNumber(counters[name] as number)]))
}
