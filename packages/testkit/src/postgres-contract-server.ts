import { Client } from 'pg'
import { type ContractServer, type HeldState, LITERAL_CANARY, PASSWORD_CANARY } from './contract-server.ts'
import { eventually } from './eventually.ts'
import { fillConnections, type HoldOptions, holdConnections } from './hold-connections.ts'
import type { PostgresTestOptions, PostgresVersion } from './postgres-versions.ts'

const APP_PASSWORD = 'app-password'

/** Roles of a production server: one that watches, and one that works. */
const ROLES = `CREATE ROLE watcher LOGIN PASSWORD '${PASSWORD_CANARY}';
 GRANT pg_monitor TO watcher;
 CREATE ROLE app LOGIN PASSWORD '${APP_PASSWORD}'`

const HELD: Record<HeldState, HoldOptions> = {
  active: { query: `SELECT pg_sleep(120), '${LITERAL_CANARY}'` },
  // The server goes on showing the last statement of a session that is idle.
  idle: { query: `SELECT '${LITERAL_CANARY}'` },
  idleInTransaction: { inTransaction: true, query: `SELECT '${LITERAL_CANARY}'` },
}

const STATES: Record<HeldState, string> = {
  active: 'active',
  idle: 'idle',
  idleInTransaction: 'idle in transaction',
}

/** Starts a PostgreSQL for the contract of sources, small enough to be filled in a moment. */
export async function startPostgresContractServer(
  version: PostgresVersion,
  options: PostgresTestOptions = {},
): Promise<ContractServer> {
  const server = await version.start({ maxConnections: 20, ...options })
  const { host, port } = server
  const appUrl = `postgresql://app:${APP_PASSWORD}@${host}:${port}/postgres`
  try {
    await ask(server.url, ROLES)
  } catch (error) {
    await server.stop()
    throw error
  }
  return {
    host,
    port,
    states: ['active', 'idle', 'idleInTransaction'],
    whenFull: { state: 'refused', code: 'connections_exhausted' },
    watchUrl: (route = {}) => {
      const { password, host: toHost, port: toPort } = { password: PASSWORD_CANARY, host, port, ...route }
      return `postgresql://watcher:${password}@${toHost}:${toPort}/postgres`
    },
    hold: async (n, state, application) => {
      const held = await holdConnections(appUrl, n, { application, ...HELD[state] })
      const sql = `SELECT pid FROM pg_stat_activity WHERE pid = ANY('{${held.pids}}') AND state = '${STATES[state]}'`
      await eventually(async () => (await ask(server.url, sql)).length === n)
      return held
    },
    fill: () => fillConnections(appUrl),
    sessionPids: async (application) => {
      // The names of the contract's applications need no quoting.
      const sql = `SELECT pid FROM pg_stat_activity WHERE application_name = '${application}' ORDER BY pid`
      return (await ask(server.url, sql)).map(({ pid }) => pid as number)
    },
    stopServer: () => server.stopServer(),
    startServer: () => server.startServer(),
    stop: () => server.stop(),
  }
}

/** Asks over a connection of its own that is gone afterwards. */
async function ask(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url, application_name: 'contract' })
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}
