import { Binary, type Document, Long } from 'bson'
import { payloadText } from './mongodb-client.ts'
import { ScramServer } from './mongodb-scram.ts'
import type { MongoRight, MongoStandIn } from './mongodb-stand-in.ts'
import type { StandInConnection } from './mongodb-stand-in-connection.ts'
import { currentOp, replicaStatus, serverStatus } from './mongodb-stand-in-status.ts'

type Command = (server: MongoStandIn, connection: StandInConnection, body: Document) => unknown

const ERRORS = {
  Unauthorized: 13,
  AuthenticationFailed: 18,
  MaxTimeMSExpired: 50,
  CommandNotFound: 59,
  NoReplicationEnabled: 76,
} as const

/** What anybody may run before logging in. */
const OPEN = new Set(['hello', 'isMaster', 'ismaster', 'saslStart', 'saslContinue', 'ping', 'buildInfo'])

/** Answers a command as a server does, errors too. Never rejects. */
export async function answer(
  server: MongoStandIn,
  connection: StandInConnection,
  body: Document,
): Promise<Document> {
  const [name = ''] = Object.keys(body)
  count(server, name)
  const command = COMMANDS[name]
  if (command === undefined) return failure('CommandNotFound')
  const planned = server.failures.get(name)
  if (planned !== undefined) return { ok: 0, errmsg: 'as it was told to fail', ...planned }
  if (!mayRun(server, connection, name, body)) return failure('Unauthorized')
  followTransaction(connection, body)
  const reply = await command(server, connection, body)
  return { ...(reply as Document), ...((reply as Document).ok === 0 ? {} : { ok: 1 }) }
}

const COMMANDS: Record<string, Command> = {
  hello,
  isMaster: hello,
  ismaster: hello,
  saslStart,
  saslContinue,
  ping: () => ({}),
  buildInfo: () => ({ version: '8.0.0', versionArray: [8, 0, 0, 0], modules: ['stand-in'] }),
  serverStatus,
  replSetGetStatus: (server) =>
    server.replicaSet === null
      ? failure('NoReplicationEnabled')
      : replicaStatus(server.replicaSet, server.address),
  connectionStatus: (server, { user }) => ({
    authInfo: {
      authenticatedUsers: user === null ? [] : [{ user, db: 'admin' }],
      authenticatedUserRoles: [],
      authenticatedUserPrivileges:
        user === null ? [] : [{ resource: { cluster: true }, actions: [...(server.rights.get(user) ?? [])] }],
    },
  }),
  find,
  aggregate,
  insert: (_server, _connection, { documents }) => ({ n: Array.isArray(documents) ? documents.length : 0 }),
  update: () => ({ n: 0, nModified: 0 }),
  delete: () => ({ n: 0 }),
  getMore: (_server, _connection, { collection, $db }) => cursor([], `${$db}.${collection}`, 'nextBatch'),
  killCursors: () => ({}),
  endSessions: () => ({}),
  abortTransaction: () => ({}),
  commitTransaction: () => ({}),
}

function hello(server: MongoStandIn, connection: StandInConnection, body: Document): Document {
  if (body.client !== undefined) connection.client = body.client
  const set = server.replicaSet
  const primary = set === null || set.hosts[0] === server.address
  const asked = body.saslSupportedMechs === undefined ? {} : { saslSupportedMechs: ['SCRAM-SHA-256'] }
  const speculative: Document | undefined = body.speculativeAuthenticate
  const begun = speculative === undefined ? null : saslStart(server, connection, speculative)
  return {
    helloOk: true,
    isWritablePrimary: primary,
    ismaster: primary,
    ...(set === null
      ? {}
      : {
          setName: set.name,
          hosts: [...set.hosts],
          me: server.address,
          primary: set.hosts[0],
          secondary: !primary,
        }),
    maxBsonObjectSize: 16_777_216,
    maxMessageSizeBytes: 48_000_000,
    maxWriteBatchSize: 100_000,
    localTime: new Date(),
    logicalSessionTimeoutMinutes: 30,
    connectionId: connection.id,
    minWireVersion: 0,
    maxWireVersion: 25,
    readOnly: false,
    ...asked,
    ...(begun === null || begun.ok === 0 ? {} : { speculativeAuthenticate: begun }),
  }
}

function saslStart(server: MongoStandIn, connection: StandInConnection, body: Document): Document {
  if (body.mechanism !== 'SCRAM-SHA-256') return failure('AuthenticationFailed')
  connection.conversation = new ScramServer(payloadText(body), server.users)
  return { conversationId: 1, done: false, payload: binary(connection.conversation.challenge) }
}

function saslContinue(_server: MongoStandIn, connection: StandInConnection, body: Document): Document {
  const { conversation } = connection
  const signature = conversation?.verify(payloadText(body)) ?? null
  connection.conversation = null
  if (conversation === null || signature === null) return failure('AuthenticationFailed')
  connection.user = conversation.user
  return { conversationId: 1, done: true, payload: binary(signature) }
}

async function find(server: MongoStandIn, connection: StandInConnection, body: Document): Promise<Document> {
  const gate = server.gates.get(String(body.comment))
  if (gate !== undefined) {
    gate.connectionId = connection.id
    await gate.opened
  }
  return cursor([], `${body.$db}.${body.find}`)
}

/** A pipeline that asks for `$currentOp` is answered; one that runs a `$function` takes as long as it may. */
async function aggregate(
  server: MongoStandIn,
  _connection: StandInConnection,
  body: Document,
): Promise<Document> {
  const pipeline: Document[] = Array.isArray(body.pipeline) ? body.pipeline : []
  if (pipeline[0]?.$currentOp !== undefined)
    return cursor(currentOp(server, pipeline), `${body.$db}.$cmd.aggregate`)
  if (JSON.stringify(pipeline).includes('"$function"')) {
    const { maxTimeMS } = body
    if (typeof maxTimeMS !== 'number') return new Promise(() => {})
    await new Promise((resolve) => setTimeout(resolve, maxTimeMS).unref())
    return failure('MaxTimeMSExpired')
  }
  return cursor([], `${body.$db}.${body.aggregate}`)
}

function cursor(batch: Document[], ns: string, name: 'firstBatch' | 'nextBatch' = 'firstBatch'): Document {
  return { cursor: { [name]: batch, id: Long.ZERO, ns } }
}

function failure(codeName: keyof typeof ERRORS): Document {
  return { ok: 0, errmsg: `${codeName}, says the stand-in`, code: ERRORS[codeName], codeName }
}

function mayRun(server: MongoStandIn, { user }: StandInConnection, name: string, body: Document): boolean {
  if (server.users.size === 0 || OPEN.has(name)) return true
  if (user === null) return false
  const wanted = body.pipeline?.[0]?.$currentOp === undefined ? name : 'inprog'
  const needsRight = ['serverStatus', 'inprog', 'replSetGetStatus'].includes(wanted)
  return !needsRight || (server.rights.get(user) ?? []).includes(wanted as MongoRight)
}

function followTransaction(connection: StandInConnection, body: Document): void {
  if (body.autocommit !== false) return
  const key = JSON.stringify(body.lsid)
  const nowMs = Date.now()
  const [name] = Object.keys(body)
  if (name === 'abortTransaction' || name === 'commitTransaction') connection.transactions.delete(key)
  else {
    const { sinceMs } = connection.transactions.get(key) ?? { sinceMs: nowMs }
    connection.transactions.set(key, { sinceMs, lastAtMs: nowMs })
  }
}

function count({ counters }: MongoStandIn, name: string): void {
  const by: Record<string, keyof typeof counters> = { find: 'query', getMore: 'getmore' }
  const plain = name === 'insert' || name === 'update' || name === 'delete' ? name : 'command'
  counters[by[name] ?? plain] += 1
}

function binary(text: string): Binary {
  return new Binary(Buffer.from(text))
}
