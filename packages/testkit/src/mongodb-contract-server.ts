import { randomUUID } from 'node:crypto'
import { type Document, Long, UUID } from 'bson'
import { type ContractServer, type HeldState, LITERAL_CANARY, PASSWORD_CANARY } from './contract-server.ts'
import { eventually } from './eventually.ts'
import type { HeldConnections } from './hold-connections.ts'
import { MongoConnection } from './mongodb-client.ts'
import { type MongoRight, startMongoStandIn } from './mongodb-stand-in.ts'
import { startTcpProxy } from './tcp-proxy.ts'

/** The rights that watching needs, as the manual of this kind of server names them. */
export const MONGODB_WATCHER_RIGHTS: readonly MongoRight[] = ['serverStatus', 'inprog', 'replSetGetStatus']

const MAX_CONNECTIONS = 20
const APP = { user: 'app', password: 'app-password' }

type Listed = { pid: number; application: string; running: boolean; inTransaction: boolean }

/** How the contract gets at a server, whichever it is. */
type Backend = {
  host: string
  port: number
  login: { user: string; password: string }
  list(): Promise<Listed[]>
  stopServer(): Promise<void>
  startServer(): Promise<void>
  stop(): Promise<void>
}

/** Starts a stand-in for a MongoDB for the contract of sources, small enough to be filled in a moment. */
export async function startMongoStandInContractServer(): Promise<ContractServer> {
  const standIn = await startMongoStandIn({
    maxConnections: MAX_CONNECTIONS,
    users: {
      watcher: { password: PASSWORD_CANARY, rights: MONGODB_WATCHER_RIGHTS },
      [APP.user]: { password: APP.password, rights: [] },
    },
  })
  return contractServer({
    host: standIn.host,
    port: standIn.port,
    login: APP,
    list: async () =>
      [...standIn.connections.values()].map(({ id, client, running, transactions }) => ({
        pid: id,
        application: String(client.application?.name),
        running: running !== null,
        inTransaction: transactions.size > 0,
      })),
    stopServer: () => standIn.stopServer(),
    startServer: () => standIn.startServer(),
    stop: () => standIn.stop(),
  })
}

/**
 * The same on a real MongoDB that runs already: the only member of a replica set, which takes 100 connections at most and
 * which nobody else uses. It is not stopped: a proxy before it is. A role and a user are created, and dropped by `stop`.
 * @param url of a user who may do so, such as `mongodb://root:…@127.0.0.1:27017`
 */
export async function useMongoContractServer(url: string): Promise<ContractServer> {
  const { hostname, port, username, password } = new URL(url)
  const target = { host: hostname, port: port === '' ? 27_017 : Number(port) }
  const login = { user: decodeURIComponent(username), password: decodeURIComponent(password) }
  const asRoot = async <Result>(act: (root: MongoConnection) => Promise<Result>): Promise<Result> => {
    const root = await MongoConnection.open({ ...target, ...login, application: 'contract' })
    try {
      return await act(root)
    } finally {
      root.close()
    }
  }
  const drop = (root: MongoConnection) =>
    Promise.allSettled([root.command({ dropUser: 'watcher' }), root.command({ dropRole: 'watching' })])
  await asRoot(async (root) => {
    const { setName } = await root.command({ hello: 1 })
    if (setName === undefined)
      throw new Error('POOLSCOPE_TEST_MONGODB_URL has to name a member of a replica set')
    await drop(root)
    const privileges = [{ resource: { cluster: true }, actions: [...MONGODB_WATCHER_RIGHTS] }]
    await root.command({ createRole: 'watching', privileges, roles: [] })
    await root.command({ createUser: 'watcher', pwd: PASSWORD_CANARY, roles: ['watching'] })
  })
  const proxy = await startTcpProxy(target)
  return contractServer({
    host: proxy.host,
    port: proxy.port,
    login,
    list: () => asRoot(listOf),
    stopServer: async () => {
      await proxy.refuse()
      proxy.cut()
    },
    startServer: () => proxy.accept(),
    stop: async () => {
      await proxy.stop()
      await asRoot(drop)
    },
  })
}

function contractServer(backend: Backend): ContractServer {
  const { host, port, login } = backend
  const open = (application: string) => MongoConnection.open({ host, port, ...login, application })
  const close = async (held: readonly { connection: MongoConnection; end: () => Promise<unknown> }[]) => {
    await Promise.all(held.map(({ end }) => end().catch(() => {})))
    for (const { connection } of held) connection.close()
    const ids = new Set(held.map(({ connection }) => connection.id))
    await eventually(async () => !(await backend.list().catch(() => [])).some(({ pid }) => ids.has(pid)))
  }
  return {
    host,
    port,
    states: ['active', 'idle', 'idleInTransaction'],
    // It hangs up without a word.
    whenFull: { state: 'unreachable', code: 'connection_lost' },
    watchUrl: (route = {}) => {
      const to = { password: PASSWORD_CANARY, host, port, ...route }
      return `mongodb://watcher:${to.password}@${to.host}:${to.port}/?authSource=admin`
    },
    hold: async (n, state, application): Promise<HeldConnections> => {
      const connections = await Promise.all(Array.from({ length: n }, () => open(application)))
      const held = await Promise.all(
        connections.map(async (connection) => ({ connection, end: await HELD[state](connection) })),
      )
      const ids = new Set(connections.map(({ id }) => id))
      await eventually(async () => {
        const listed = (await backend.list()).filter(({ pid }) => ids.has(pid))
        return (
          listed.length === n &&
          listed.every((one) => one.running === (state === 'active')) &&
          listed.every((one) => one.inTransaction === (state === 'idleInTransaction'))
        )
      })
      return { pids: [...ids], stop: () => close(held) }
    },
    fill: async () => {
      const held: { connection: MongoConnection; end: () => Promise<unknown> }[] = []
      const end = async () => {}
      for (;;) {
        try {
          held.push({ connection: await open('filler'), end })
        } catch {
          return { pids: held.map(({ connection }) => connection.id), stop: () => close(held) }
        }
      }
    },
    sessionPids: async (application) =>
      (await backend.list()).filter((one) => one.application === application).map(({ pid }) => pid),
    stopServer: () => backend.stopServer(),
    startServer: () => backend.startServer(),
    stop: () => backend.stop(),
  }
}

/** Brings a connection into a state. @returns how to end that, for what a server does not end with the connection */
const HELD: Record<HeldState, (connection: MongoConnection) => Promise<() => Promise<unknown>>> = {
  active: async (connection) => {
    const body = `function (canary) { sleep(120000); return canary }`
    const slow = { $function: { body, args: [LITERAL_CANARY], lang: 'js' } }
    const pipeline = [{ $documents: [{ canary: LITERAL_CANARY }] }, { $project: { slow } }]
    connection.command({ aggregate: 1, pipeline, cursor: {} }).catch(() => {})
    return async () => {}
  },
  idle: async (connection) => {
    await connection.command({ find: 'orders', filter: { canary: LITERAL_CANARY } }, 'poolscope_test')
    return async () => {}
  },
  idleInTransaction: async (connection) => {
    const transaction = { lsid: { id: new UUID(randomUUID()) }, txnNumber: Long.ONE, autocommit: false }
    const find = { find: 'orders', filter: { canary: LITERAL_CANARY } }
    await connection.command({ ...find, ...transaction, startTransaction: true }, 'poolscope_test')
    return () => connection.command({ abortTransaction: 1, ...transaction })
  },
}

async function listOf(root: MongoConnection): Promise<Listed[]> {
  const pipeline = [{ $currentOp: { allUsers: true, idleConnections: true } }]
  const { cursor } = await root.command({ aggregate: 1, pipeline, cursor: { batchSize: 1000 } })
  const documents: Document[] = cursor.firstBatch
  const open = new Set(documents.filter(({ transaction }) => transaction).map((one) => one.connectionId))
  return documents
    .filter(({ type, connectionId }) => type === 'op' && typeof connectionId === 'number')
    .map(({ connectionId, appName, active, command }) => ({
      pid: connectionId,
      application: String(appName),
      // Clients that monitor a server wait in a hello.
      running: active === true && command?.hello === undefined,
      inTransaction: open.has(connectionId),
    }))
}
