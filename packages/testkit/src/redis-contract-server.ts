import { Redis } from 'ioredis'
import { type ContractServer, type HeldState, LITERAL_CANARY, PASSWORD_CANARY } from './contract-server.ts'
import { eventually } from './eventually.ts'
import type { HeldConnections } from './hold-connections.ts'
import { type RunningRedis, startRedis } from './redis.ts'

const MAX_CLIENTS = 20
const APP_PASSWORD = 'app-password'

/** The rights that watching needs, as the manual of this kind of server names them. */
export const REDIS_WATCHER_RULES: readonly string[] = [
  'resetkeys',
  'resetchannels',
  '-@all',
  '+ping',
  '+info',
  '+client|list',
  '+client|setname',
  '+client|id',
  '+slowlog|get',
  '+config|get',
  '+cluster|info',
  '+cluster|nodes',
]

/** Users of a production server: one that watches, and one that works. */
const USERS = [
  ['watcher', 'on', `>${PASSWORD_CANARY}`, ...REDIS_WATCHER_RULES],
  ['app', 'on', `>${APP_PASSWORD}`, '~*', '+@all'],
] as const

/** Adds {@link USERS}. They are gone when the server restarts. */
export async function addRedisUsers(server: Pick<RunningRedis, 'ask'>): Promise<void> {
  for (const user of USERS) await server.ask('ACL', 'SETUSER', ...user)
}

type Held = { client: Redis; id: number }

/** Starts a Redis for the contract of sources, small enough to be filled in a moment. */
export async function startRedisContractServer(): Promise<ContractServer> {
  // Every command is a slow one, so that all that they carry is there to be leaked.
  const settings = { maxclients: String(MAX_CLIENTS), 'slowlog-log-slower-than': '0' }
  // They are there from its first moment on: who comes back too early would be denied.
  const server = await startRedis({ settings, users: USERS })
  const { host, port } = server
  /** One that is connected already: on a full server nobody else can ask. */
  let asker: Redis | null = null
  const list = async () =>
    readList(asker === null ? await server.ask('CLIENT', 'LIST') : await asker.client('LIST'))
  const close = async (held: readonly Held[]) => {
    asker = null
    for (const { client } of held) client.disconnect()
    const ids = new Set(held.map(({ id }) => id))
    // Unless the server was stopped, and every client with it.
    await eventually(async () => !(await list().catch(() => [])).some(({ id }) => ids.has(id)))
  }
  return {
    host,
    port,
    states: ['active', 'idle', 'idleInTransaction'],
    whenFull: { state: 'refused', code: 'connections_exhausted' },
    watchUrl: (route = {}) => {
      const to = { password: PASSWORD_CANARY, host, port, ...route }
      return `redis://watcher:${to.password}@${to.host}:${to.port}`
    },
    hold: async (n, state, application): Promise<HeldConnections> => {
      const held = await Promise.all(Array.from({ length: n }, () => open(server, application)))
      await Promise.all(held.map(({ client }) => HELD[state](client)))
      const ids = new Set(held.map(({ id }) => id))
      await eventually(async () => {
        const listed = (await list()).filter(({ id }) => ids.has(id))
        return listed.length === n && listed.every((client) => isSettled(client, state))
      })
      return { pids: held.map(({ id }) => id), stop: () => close(held) }
    },
    fill: async () => {
      const held: Held[] = []
      // The driver may write to a connection that is closed already, and not read why it is.
      const rejected = async () =>
        /rejected_connections:(\d+)/.exec((await held[0]?.client.info('stats')) ?? '')?.[1]
      for (;;) {
        const before = await rejected()
        try {
          held.push(await open(server, 'filler'))
        } catch (error) {
          if (before === (await rejected())) {
            await close(held)
            throw error
          }
          asker = held[0]?.client ?? null
          return { pids: held.map(({ id }) => id), stop: () => close(held) }
        }
      }
    },
    sessionPids: async (application) =>
      (await list()).filter(({ name }) => name === application).map(({ id }) => id),
    stopServer: () => server.stopServer(),
    startServer: () => server.startServer(),
    stop: () => server.stop(),
  }
}

const HELD: Record<HeldState, (client: Redis) => Promise<unknown>> = {
  active: async (client) => {
    client.blpop(LITERAL_CANARY, 0).catch(() => {})
  },
  idle: (client) => client.set('held', LITERAL_CANARY),
  idleInTransaction: async (client) => {
    await client.call('MULTI')
    await client.call('SET', 'held', LITERAL_CANARY)
  },
}

const FLAGS: Record<HeldState, string> = { active: 'b', idle: 'N', idleInTransaction: 'x' }

type Listed = { id: number; name: string; flags: string; idleSeconds: number }

/** A client that has just been heard of does not idle yet. */
function isSettled({ flags, idleSeconds }: Listed, state: HeldState): boolean {
  return flags === FLAGS[state] && (state === 'active' || idleSeconds >= 2)
}

function readList(reply: unknown): Listed[] {
  const lines = String(reply).trim().split('\n')
  return lines.map((line) => {
    const fields = new Map(line.split(' ').map((pair) => pair.split(/=(.*)/s) as [string, string]))
    const number = (name: string) => Number(fields.get(name))
    const text = (name: string) => String(fields.get(name))
    return { id: number('id'), name: text('name'), flags: text('flags'), idleSeconds: number('idle') }
  })
}

/** Connects as the application's user. @throws Error in the words of the server */
async function open({ host, port }: RunningRedis, application: string): Promise<Held> {
  const client = new Redis({
    host,
    port,
    username: 'app',
    password: APP_PASSWORD,
    connectionName: application,
    protocol: 2,
    disableClientInfo: true,
    enableReadyCheck: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    lazyConnect: true,
    retryStrategy: () => null,
  })
  let failure: unknown
  client.on('error', (error) => {
    failure ??= error
  })
  try {
    await client.connect()
    return { client, id: Number(await client.client('ID')) }
  } catch (error) {
    client.disconnect()
    throw failure ?? error
  }
}
