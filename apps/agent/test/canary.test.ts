import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { watch } from '@poolscope/probe/pg'
import type { Fleet } from '@poolscope/protocol'
import {
  type ContractServer,
  eventually,
  LITERAL_CANARY,
  PASSWORD_CANARY,
  postgresVersions,
  startPostgresContractServer,
  type TempDir,
  tempDir,
} from '@poolscope/testkit'
import { Pool } from 'pg'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { DEFAULT_BUDGET_BYTES, DEFAULT_TIERS } from '../src/history/tiers.ts'
import type { RunningAgent } from '../src/start-agent.ts'
import { LiveReader } from './live-reader.ts'
import { startWatchingAgent } from './watching-agent.ts'

const TOKEN_CANARY = 'canary-of-the-agents-token'
const BIND_CANARY = 'canary-of-a-bind-value'

/** What the agent logs, at its most talkative. */
const { logged } = vi.hoisted(() => ({ logged: [] as string[] }))
vi.mock('pino', async (original) => {
  const real = await original<typeof import('pino')>()
  const pino = (options: object) => real.pino(options, { write: (line: string) => logged.push(line) })
  return { ...real, pino }
})

let server: ContractServer
let agent: RunningAgent
let pool: Pool
let data: TempDir
let live: LiveReader
beforeAll(async () => {
  const printed = (text: string | Uint8Array) => logged.push(String(text)) > 0
  vi.spyOn(process.stdout, 'write').mockImplementation(printed)
  vi.spyOn(process.stderr, 'write').mockImplementation(printed)
  server = await startPostgresContractServer(postgresVersions()[0])
  const wrong = server.watchUrl({ host: 'localhost', password: `${PASSWORD_CANARY}-wrong` })
  data = await tempDir()
  agent = await startWatchingAgent([server.watchUrl(), wrong], {
    token: TOKEN_CANARY,
    logLevel: 'debug',
    history: { dir: data.path, tiers: DEFAULT_TIERS, budgetBytes: DEFAULT_BUDGET_BYTES },
  })
  live = await LiveReader.open(agent.url, TOKEN_CANARY)
  // The role that watches does for a pool as well: its password is the one that must not show.
  pool = watch(new Pool({ connectionString: server.watchUrl(), max: 3, application_name: 'orders' }), {
    url: agent.url,
    token: TOKEN_CANARY,
    service: 'shop',
    name: 'orders',
  })
  pool.on('error', () => {})
})
afterAll(async () => {
  await live?.stop()
  await agent?.close()
  await pool?.end()
  await server?.stop()
  await data?.stop()
  vi.restoreAllMocks()
})

/** Every answer, whatever its status. */
const answers: string[] = []
async function get(path: string, token: string = TOKEN_CANARY): Promise<string> {
  const answer = await fetch(agent.url + path, { headers: { authorization: `Bearer ${token}` } })
  const text = `${JSON.stringify([...answer.headers])} ${await answer.text()}`
  answers.push(text)
  return text
}
async function post(path: string, body: string): Promise<number> {
  const headers = { authorization: `Bearer ${TOKEN_CANARY}`, 'content-type': 'application/json' }
  const answer = await fetch(agent.url + path, { method: 'POST', headers, body })
  answers.push(`${JSON.stringify([...answer.headers])} ${await answer.text()}`)
  return answer.status
}
async function fleetNow(): Promise<Fleet> {
  const text = await get('/api/v1/fleet')
  return JSON.parse(text.slice(text.indexOf(' {') + 1))
}

/** Asks for all that there is to read. */
async function readEverything({ groups, pools, servers }: Fleet): Promise<void> {
  const of = (kind: string, ids: { id: string }[], details: string[]) =>
    ids.flatMap(({ id }) => details.map((detail) => `/api/v1/${kind}/${encodeURIComponent(id)}${detail}`))
  const paths = [
    ...of('groups', groups, ['', '/holders', '/history', '/trace.bin', '/cause']),
    ...of('pools', pools, ['', '/holders', '/history', '/trace.bin']),
    ...of('servers', servers, ['', '/sessions', '/history', '/statements', '/budget']),
    '/api/v1/fleet/history',
    '/api/v1/history/store',
    '/api/v1/annotations',
    '/api/v1/history/export?fromMs=0&toMs=4000000000000',
    '/api/v1/alerts',
    '/api/v1/silences',
    '/api/v1/advice',
    '/api/v1/openapi.json',
    '/metrics',
    '/health/live',
    '/health/ready',
    '/health/db',
    '/',
    `/api/v1/nothing?token=${TOKEN_CANARY}`,
  ]
  for (const path of paths) await get(path)
  await get('/api/v1/fleet', `${TOKEN_CANARY}-wrong`)
  live.subscribe([
    'fleet',
    ...groups.map(({ id }) => `group:${id}`),
    ...servers.map(({ id }) => `server:${id}`),
  ])
  const from = live.frames.length
  await eventually(() => live.frames.length >= from + 2)
}

it('lets no password, token, SQL literal or bind value out, whatever happens to the server', async () => {
  const busy = await server.hold(2, 'active', 'reports')
  const idle = await server.hold(1, 'idle', 'reports')
  const client = await pool.connect()
  client.on('error', () => {})
  await client.query(`BEGIN; SELECT '${LITERAL_CANARY}'`)
  await client.query('SELECT $1::text', [BIND_CANARY])
  const failing = pool.query(`SELECT '${LITERAL_CANARY}' FROM no_such_table`)
  await expect(failing).rejects.toThrow('does not exist')
  const before = await eventually(async () => {
    const fleet = await fleetNow()
    const states = fleet.servers.map(({ state }) => state).sort()
    const shown = fleet.pools.some((one) => one.origin === 'probe' && one.inUse === 1)
    return shown && states.join() === 'denied,up' ? fleet : false
  })
  await readEverything(before)

  expect(await post('/api/v1/reports', JSON.stringify({ protocol: 1, service: PASSWORD_CANARY }))).toBe(400)
  expect(await post('/api/v1/reports', `{"password": "${PASSWORD_CANARY}`)).toBe(400)
  expect(await post('/api/v1/session', JSON.stringify({ token: `${TOKEN_CANARY}-wrong` }))).toBe(401)
  expect(await post('/api/v1/session', JSON.stringify({ token: TOKEN_CANARY }))).toBeLessThan(300)

  await server.stopServer()
  const lost = await eventually(async () => {
    const fleet = await fleetNow()
    return fleet.servers.some(({ error }) => error?.code === 'connection_refused') ? fleet : false
  })
  await readEverything(lost)
  client.release(true)
  await Promise.all([busy.stop(), idle.stop()])
  // Latin 1 has a character for each byte, so that a text is found among them.
  const files = readdirSync(data.path, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(join(data.path, name)).isFile(),
  )
  const kept = files.map((name) => readFileSync(join(data.path, name), 'latin1'))

  // What is looked for is where it ought to be found.
  expect(answers.join('\n')).toContain('idle in transaction')
  expect(live.texts.join('\n')).toContain('idle in transaction')
  expect(logged.join('\n')).toContain('listening')
  expect(files).toContain('history.db')
  expect(kept.join('\n')).toContain('orders')
  for (const secret of [PASSWORD_CANARY, TOKEN_CANARY, LITERAL_CANARY, BIND_CANARY]) {
    for (const [way, texts] of Object.entries({ answers, socket: live.texts, logged, kept })) {
      expect(
        texts.filter((text) => text.includes(secret)),
        `${secret} in ${way}`,
      ).toEqual([])
    }
  }
})
