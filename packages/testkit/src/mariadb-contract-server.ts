import { type Connection, createConnection } from 'mysql2/promise'
import { type ContractServer, type HeldState, LITERAL_CANARY, PASSWORD_CANARY } from './contract-server.ts'
import { eventually } from './eventually.ts'
import type { HeldConnections } from './hold-connections.ts'
import { startMariadb } from './mariadb.ts'

const MAX_CONNECTIONS = 20

/** The user of least privilege that the documentation tells to create. */
export const MARIADB_WATCHER_SQL = [
  `CREATE USER watcher@'%' IDENTIFIED BY '${PASSWORD_CANARY}'`,
  `GRANT PROCESS, SLAVE MONITOR ON *.* TO watcher@'%'`,
  `GRANT SELECT ON performance_schema.* TO watcher@'%'`,
] as const

/** Starts a MariaDB for the contract of sources, small enough to be filled in a moment. */
export async function startMariadbContractServer(): Promise<ContractServer> {
  const server = await startMariadb({ settings: { 'max-connections': String(MAX_CONNECTIONS) } })
  const { host, port } = server
  for (const sql of MARIADB_WATCHER_SQL) await server.ask(sql)
  await server.ask(`CREATE USER app@'%' IDENTIFIED BY 'app-password'`)
  const open = (program: string) =>
    createConnection({
      host,
      port,
      user: 'app',
      password: 'app-password',
      connectAttributes: { program_name: program },
    })
  const idsOf = async (program: string): Promise<number[]> => {
    const rows = await server.ask(
      `SELECT processlist_id AS id FROM performance_schema.session_connect_attrs a
 JOIN information_schema.processlist p ON p.id = a.processlist_id
 WHERE attr_name = 'program_name' AND attr_value = '${program}' ORDER BY 1`,
    )
    return rows.map(({ id }) => Number(id))
  }
  const settled = async (ids: readonly number[], state: HeldState) => {
    const list = ids.join(',')
    const where: Record<HeldState, string> = {
      active: `SELECT id FROM information_schema.processlist WHERE id IN (${list}) AND command = 'Query'`,
      idle: `SELECT id FROM information_schema.processlist WHERE id IN (${list}) AND command = 'Sleep'`,
      idleInTransaction: `SELECT trx_mysql_thread_id AS id FROM information_schema.innodb_trx t
 JOIN information_schema.processlist p ON p.id = trx_mysql_thread_id WHERE trx_mysql_thread_id IN (${list}) AND command = 'Sleep'`,
    }
    return (await server.ask(where[state])).length === ids.length
  }
  const close = async (held: readonly Connection[], pids: readonly number[]) => {
    for (const connection of held) connection.destroy()
    // Who runs a statement does not see its client leave.
    for (const pid of pids) await server.ask(`KILL ${pid}`).catch(() => {})
    if (pids.length === 0) return
    const list = pids.join(',')
    await eventually(async () => {
      const rows = await server
        .ask(`SELECT id FROM information_schema.processlist WHERE id IN (${list})`)
        .catch(() => [])
      return rows.length === 0
    })
  }
  return {
    host,
    port,
    states: ['active', 'idle', 'idleInTransaction'],
    whenFull: { state: 'refused', code: 'connections_exhausted' },
    watchUrl: (route = {}) => {
      const to = { password: PASSWORD_CANARY, host, port, ...route }
      return `mariadb://watcher:${to.password}@${to.host}:${to.port}`
    },
    hold: async (n, state, application) => {
      const held = await Promise.all(Array.from({ length: n }, () => open(application)))
      const pids = held.map((connection) => Number(connection.threadId))
      for (const connection of held) {
        if (state === 'idle') await connection.query(`SELECT '${LITERAL_CANARY}'`)
        else if (state === 'active') {
          connection.query(`SELECT SLEEP(120), '${LITERAL_CANARY}'`).catch(() => {})
        } else {
          await connection.query('START TRANSACTION WITH CONSISTENT SNAPSHOT')
          await connection
            .query(`SELECT '${LITERAL_CANARY}', count(*) FROM mysql.innodb_table_stats`)
            .catch(() => {})
        }
      }
      if (n > 0) await eventually(() => settled(pids, state))
      return { pids, stop: () => close(held, pids) }
    },
    fill: async (): Promise<HeldConnections> => {
      const held: Connection[] = []
      for (;;) {
        try {
          held.push(await open('filler'))
        } catch {
          break
        }
      }
      const pids = held.map((connection) => Number(connection.threadId))
      return { pids, stop: () => close(held, pids) }
    },
    sessionPids: idsOf,
    stopServer: () => server.stopServer(),
    startServer: () => server.startServer(),
    stop: () => server.stop(),
  }
}
