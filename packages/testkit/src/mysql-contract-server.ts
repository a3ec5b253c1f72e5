import { type Connection, createConnection } from 'mysql2/promise'
import { type ContractServer, type HeldState, LITERAL_CANARY, PASSWORD_CANARY } from './contract-server.ts'
import { eventually } from './eventually.ts'
import type { HeldConnections } from './hold-connections.ts'
import { startMariadb } from './mariadb.ts'
import type { MysqlOptions, RunningMysql } from './mysql-program.ts'
import { mysqlStandIn } from './mysql-stand-in.ts'
import { findMysqld } from './mysqld.ts'
import { startTcpProxy } from './tcp-proxy.ts'

const MAX_CONNECTIONS = 20
const TOO_MANY = 1040
const APP = { user: 'app', password: 'app-password' }

/** The user of least privilege that the manual tells to create. */
export const MYSQL_WATCHER_SQL = [
  `CREATE USER watcher@'%' IDENTIFIED BY '${PASSWORD_CANARY}' WITH MAX_USER_CONNECTIONS 8`,
  `GRANT PROCESS ON *.* TO watcher@'%'`,
  `GRANT SELECT ON performance_schema.* TO watcher@'%'`,
  `GRANT SELECT (User, Host, max_user_connections) ON mysql.user TO watcher@'%'`,
] as const
const APP_SQL = `CREATE USER ${APP.user}@'%' IDENTIFIED BY '${APP.password}'`

type Ask = (sql: string) => Promise<Record<string, unknown>[]>

/** How the contract gets at a server, whichever it is. */
type Backend = Pick<ContractServer, 'host' | 'port' | 'stopServer' | 'startServer' | 'stop'> & {
  scheme: 'mariadb' | 'mysql'
  /** Asks as an administrator, over a connection that is gone afterwards. */
  asAdmin<Result>(act: (ask: Ask) => Promise<Result>): Promise<Result>
}

/** A kind of server for the contract of sources. */
export type MysqlContract = { label: string; start(): Promise<ContractServer> }

/** MariaDB. */
export const mariadbContract: MysqlContract = {
  label: 'MariaDB',
  start: () => ownContractServer('mariadb', startMariadb),
}

/** The MySQL that runs already where `url` says so; else the one that this machine can run, or its stand-in, which is no MySQL. */
export function mysqlContract(url: string | undefined): MysqlContract {
  if (url !== undefined) return { label: 'MySQL', start: () => useMysqlContractServer(url) }
  const { label, start } = findMysqld() ?? mysqlStandIn
  return { label, start: () => ownContractServer('mysql', start) }
}

async function ownContractServer(
  scheme: Backend['scheme'],
  start: (options: MysqlOptions) => Promise<Omit<RunningMysql, 'socketPath' | 'caPath' | 'connect' | 'ask'>>,
): Promise<ContractServer> {
  // Small enough to be filled in a moment.
  const server = await start({ settings: { 'max-connections': String(MAX_CONNECTIONS) } })
  const login = { host: server.host, port: server.port, user: 'root', connectTimeout: 30_000 }
  const asAdmin: Backend['asAdmin'] = async (act) => withAdmin(await createConnection(login), act)
  try {
    await asAdmin(async (ask) => {
      for (const sql of [...MYSQL_WATCHER_SQL, APP_SQL]) await ask(sql)
    })
  } catch (error) {
    await server.stop()
    throw error
  }
  return contractServer({
    scheme,
    host: server.host,
    port: server.port,
    asAdmin,
    stopServer: () => server.stopServer(),
    startServer: () => server.startServer(),
    stop: () => server.stop(),
  })
}

/**
 * The same on a real MySQL or MariaDB that runs already and which nobody else uses. It is not stopped: a proxy before it
 * is. The users `watcher` and `app` are created, and dropped by `stop`.
 * @param url of an administrator, such as `mysql://root:…@127.0.0.1:3306`
 */
async function useMysqlContractServer(url: string): Promise<ContractServer> {
  const { hostname, port, username, password } = new URL(url)
  const target = { host: hostname, port: port === '' ? 3306 : Number(port) }
  const login = { user: decodeURIComponent(username), password: decodeURIComponent(password) }
  const asAdmin: Backend['asAdmin'] = async (act) =>
    withAdmin(await createConnection({ ...target, ...login, connectTimeout: 30_000 }), act)
  const drop = () =>
    asAdmin(async (ask) => {
      for (const user of ['watcher', APP.user]) await ask(`DROP USER IF EXISTS ${user}@'%'`)
    })
  await drop()
  await asAdmin(async (ask) => {
    for (const sql of [...MYSQL_WATCHER_SQL, APP_SQL]) await ask(sql)
  })
  const proxy = await startTcpProxy(target)
  return contractServer({
    scheme: 'mysql',
    host: proxy.host,
    port: proxy.port,
    asAdmin,
    stopServer: async () => {
      await proxy.refuse()
      proxy.cut()
      await asAdmin(async (ask) => {
        const sql = `SELECT ID AS id FROM information_schema.PROCESSLIST WHERE USER IN ('watcher', '${APP.user}')`
        await endSessions(
          ask,
          (await ask(sql)).map(({ id }) => Number(id)),
        )
      })
    },
    startServer: () => proxy.accept(),
    stop: async () => {
      await proxy.stop()
      await drop()
    },
  })
}

function contractServer(backend: Backend): ContractServer {
  const { host, port, scheme, asAdmin } = backend
  const open = (program: string) =>
    createConnection({ host, port, ...APP, connectAttributes: { program_name: program } })
  const held = (connections: readonly Connection[]): HeldConnections => {
    const pids = connections.map(({ threadId }) => Number(threadId))
    return {
      pids,
      stop: async () => {
        for (const connection of connections) connection.destroy()
        if (pids.length > 0) await asAdmin((ask) => endSessions(ask, pids)).catch(() => {})
      },
    }
  }
  return {
    host,
    port,
    states: ['active', 'idle', 'idleInTransaction'],
    whenFull: { state: 'refused', code: 'connections_exhausted' },
    watchUrl: (route = {}) => {
      const to = { password: PASSWORD_CANARY, host, port, ...route }
      return `${scheme}://watcher:${to.password}@${to.host}:${to.port}`
    },
    hold: async (n, state, application) => {
      const connections = await Promise.all(Array.from({ length: n }, () => open(application)))
      for (const connection of connections) await HELD[state](connection)
      const those = held(connections)
      if (n > 0) await eventually(() => asAdmin((ask) => settled(ask, those.pids, state)))
      return those
    },
    fill: async () => {
      const connections: Connection[] = []
      for (;;) {
        try {
          connections.push(await open('filler'))
        } catch (error) {
          if (error instanceof Error && 'errno' in error && error.errno === TOO_MANY) return held(connections)
          await held(connections).stop()
          throw error
        }
      }
    },
    sessionPids: (application) =>
      asAdmin(async (ask) => {
        const rows = await ask(`SELECT p.ID AS id FROM performance_schema.session_connect_attrs a
 JOIN information_schema.PROCESSLIST p ON p.ID = a.PROCESSLIST_ID
 WHERE a.ATTR_NAME = 'program_name' AND a.ATTR_VALUE = '${application}' ORDER BY 1`)
        return rows.map(({ id }) => Number(id))
      }),
    stopServer: () => backend.stopServer(),
    startServer: () => backend.startServer(),
    stop: () => backend.stop(),
  }
}

/** Brings a connection into a state. */
const HELD: Record<HeldState, (connection: Connection) => Promise<unknown>> = {
  active: async (connection) => {
    connection.query(`SELECT SLEEP(120), '${LITERAL_CANARY}'`).catch(() => {})
  },
  idle: (connection) => connection.query(`SELECT '${LITERAL_CANARY}'`),
  idleInTransaction: async (connection) => {
    await connection.query('START TRANSACTION WITH CONSISTENT SNAPSHOT')
    await connection.query(`SELECT '${LITERAL_CANARY}'`)
  },
}

/** Whether all of them do what they should. A transaction was open when its statement was answered. */
async function settled(ask: Ask, pids: readonly number[], state: HeldState): Promise<boolean> {
  const command = state === 'active' ? 'Query' : 'Sleep'
  const rows = await ask(
    `SELECT ID FROM information_schema.PROCESSLIST WHERE ID IN (${pids.join(', ')}) AND COMMAND = '${command}'`,
  )
  return rows.length === pids.length
}

/** Ends sessions, and waits until the server has let go of them: who runs a statement does not see its client leave. */
async function endSessions(ask: Ask, pids: readonly number[]): Promise<void> {
  if (pids.length === 0) return
  for (const pid of pids) await ask(`KILL ${pid}`).catch(() => {})
  const left = `SELECT ID FROM information_schema.PROCESSLIST WHERE ID IN (${pids.join(', ')})`
  await eventually(async () => (await ask(left)).length === 0)
}

async function withAdmin<Result>(
  connection: Connection,
  act: (ask: Ask) => Promise<Result>,
): Promise<Result> {
  try {
    return await act(async (sql) => {
      const [rows] = await connection.query(sql)
      return Array.isArray(rows) ? (rows as Record<string, unknown>[]) : []
    })
  } finally {
    await connection.end()
  }
}
