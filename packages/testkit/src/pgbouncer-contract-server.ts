import { Socket } from 'node:net'
import { Client } from 'pg'
import { type ContractServer, LITERAL_CANARY, PASSWORD_CANARY } from './contract-server.ts'
import { eventually } from './eventually.ts'
import type { HeldConnections } from './hold-connections.ts'
import { type RunningPgBouncer, startPgBouncer } from './pgbouncer.ts'
import { postgresVersions } from './postgres-versions.ts'

const MAX_CLIENTS = 20

const HELD: Record<'active' | 'idle', string> = {
  active: `SELECT pg_sleep(120), '${LITERAL_CANARY}'`,
  idle: `SELECT '${LITERAL_CANARY}'`,
}

/** Starts a PgBouncer in front of a PostgreSQL for the contract of sources, small enough to be filled in a moment. */
export async function startPgBouncerContractServer(): Promise<ContractServer> {
  const [version] = postgresVersions()
  const postgres = await version.start({
    maxConnections: 20,
    // A session whose pooler left ends what it runs.
    settings: { client_connection_check_interval: '100ms' },
  })
  const { host, port, user, password } = postgres
  const upstream = `host=${host} port=${port} dbname=postgres user=${user} password=${password}`
  let pooler: RunningPgBouncer
  try {
    pooler = await startPgBouncer({
      databases: { app: upstream },
      users: { watcher: PASSWORD_CANARY, app: 'app-password' },
      statsUsers: ['watcher'],
      settings: { pool_mode: 'transaction', default_pool_size: '5', max_client_conn: String(MAX_CLIENTS) },
    })
  } catch (error) {
    await postgres.stop()
    throw error
  }
  const clientsOf = async (application: string) =>
    (await pooler.show('CLIENTS')).filter((client) => client.application_name === application)
  return {
    host: pooler.host,
    port: pooler.port,
    // What a session behind a pooler does in its transaction is not seen from the pooler.
    states: ['active', 'idle'],
    // The admin console is exempt from max_client_conn.
    whenFull: null,
    watchUrl: (route = {}) => {
      const to = { password: PASSWORD_CANARY, host: pooler.host, port: pooler.port, ...route }
      return `pgbouncer://watcher:${to.password}@${to.host}:${to.port}`
    },
    hold: async (n, state, application) => {
      const query = HELD[state === 'active' ? 'active' : 'idle']
      const held = await hold(pooler.url('app', 'app'), n, application, query)
      const settled = await eventually(async () => {
        const clients = await clientsOf(application)
        const fit = clients.filter(({ link }) => (link !== '') === (state === 'active'))
        return fit.length === n && fit
      })
      return {
        pids: settled.map(idOf),
        stop: async () => {
          for (const socket of held) socket.destroy()
          // Unless the pooler was stopped, and every client with it.
          await eventually(async () => (await clientsOf(application).catch(() => [])).length === 0)
        },
      }
    },
    fill: () => fill(pooler.url('app', 'app')),
    sessionPids: async (application) => (await clientsOf(application)).map(idOf),
    stopServer: () => pooler.stopServer(),
    startServer: () => pooler.startServer(),
    stop: async () => {
      await pooler.stop()
      await postgres.stop()
    },
  }
}

/** The number that a client is known by: its own from 1.24 on, the address of its record before. */
function idOf({ id, ptr }: Record<string, unknown>): number {
  return Number(id ?? ptr)
}

/**
 * Starts a statement on each of `n` connections. They end without a request to cancel it, which PgBouncer 1.18 does not
 * survive when several come at once.
 * @returns their sockets
 */
async function hold(url: string, n: number, application: string, query: string): Promise<Socket[]> {
  return Promise.all(
    Array.from({ length: n }, async () => {
      const socket = new Socket()
      const client = new Client({
        connectionString: url,
        application_name: application,
        stream: () => socket,
      })
      client.on('error', () => {})
      await client.connect()
      client.query(query).catch(() => {})
      return socket
    }),
  )
}

/** Connects until it is refused. */
async function fill(url: string): Promise<HeldConnections> {
  const clients: Client[] = []
  const stop = async () => {
    await Promise.all(clients.map((client) => client.end()))
  }
  for (;;) {
    const client = new Client({ connectionString: url, application_name: 'filler' })
    client.on('error', () => {})
    try {
      await client.connect()
      clients.push(client)
    } catch (error) {
      if (error instanceof Error && error.message.includes('max_client_conn')) {
        return { pids: clients.map((_, index) => index), stop }
      }
      await stop()
      throw error
    }
  }
}
