import { eventually, postgresVersions } from '@poolscope/testkit'
import type pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { parseServerUrl } from '../src/config/parse-server-url.ts'
import { StatementWindow } from '../src/fleet/statement-window.ts'
import { createSource } from '../src/sources/create-source.ts'
import type { ServerSample, Source, SourceUpdate, StatementTotals } from '../src/sources/source.ts'
import { PostgresServer } from './postgres-server.ts'

const CANARY = 'canary-of-a-literal'

describe.each(postgresVersions())('what a source reads of $label', (version) => {
  let server: PostgresServer
  let admin: pg.Client
  let source: Source | null = null
  let clients: pg.Client[] = []

  beforeAll(async () => {
    server = await PostgresServer.start(version)
    admin = await server.connect()
    await admin.query(`CREATE ROLE poolscope LOGIN PASSWORD 'monitor' CONNECTION LIMIT 3; GRANT pg_monitor TO poolscope;
      CREATE ROLE app LOGIN PASSWORD 'app' CONNECTION LIMIT 5`)
    await admin.query('CREATE DATABASE small CONNECTION LIMIT 7')
  })
  afterAll(() => server.running.stop())
  afterEach(async () => {
    await source?.stop()
    source = null
    await Promise.all(clients.map((client) => client.end()))
    clients = []
    await admin.query('DROP EXTENSION IF EXISTS pg_stat_statements')
  })

  /** Watches, and answers the first sample that fits. */
  const sampleWhere = async (fits: (sample: ServerSample) => boolean, database = 'postgres') => {
    const updates: SourceUpdate[] = []
    if (source === null) {
      const parsed = parseServerUrl(server.url('poolscope', 'monitor', database), null)
      if ('problem' in parsed) throw new TypeError(parsed.problem)
      source = createSource(parsed.target, { now: Date.now, random: Math.random })
    }
    source.start((update) => updates.push(update))
    return eventually(
      () => {
        const found = updates.find(({ sample }) => sample !== null && fits(sample))?.sample
        if (found === undefined || found === null)
          throw new Error(JSON.stringify(updates.at(-1)).slice(0, 2000))
        return found
      },
      { timeoutMs: 45_000 },
    )
  }
  /** The ids whose texts were asked for, in the order in which they were. */
  const textsAsked = () =>
    [...server.log.matchAll(/pg_stat_statements\(true\) WHERE queryid = ANY\('\{([^}]*)\}'/g)].flatMap(
      ([, ids = '']) => ids.split(','),
    )
  const connect = async (application: string, database = 'postgres') => {
    const client = await server.connect(server.url('app', 'app', database), application)
    clients.push(client)
    return client
  }
  const detail = (sample: ServerSample, name: string) =>
    sample.details.flatMap(({ details }) => details).find((found) => found.name === name)

  it('tells limits of users and databases with their use', async () => {
    await connect('one', 'small')
    await connect('two')
    const { limits } = await sampleWhere(({ limits }) => limits.some(({ used }) => used === 2))
    expect(limits).toEqual([
      { kind: 'database', name: 'small', max: 7, used: 1 },
      { kind: 'user', name: 'app', max: 5, used: 2 },
      { kind: 'user', name: 'poolscope', max: 3, used: 1 },
    ])
  })

  it('tells who waits for a lock, and the oldest transaction', async () => {
    await admin.query('CREATE TABLE IF NOT EXISTS stock (id int)')
    await admin.query('GRANT ALL ON stock TO app')
    const [first, second] = [await connect('first'), await connect('second')]
    await first.query('BEGIN; LOCK TABLE stock')
    const waiting = second.query(`SELECT *, '${CANARY}' FROM stock`)
    const sample = await sampleWhere((one) => detail(one, 'waiting for a lock')?.value === 1)
    expect(detail(sample, 'most frequent wait')?.value).toBe('Lock: relation (1)')
    expect(detail(sample, 'oldest idle in transaction')?.value).toBeGreaterThanOrEqual(0)
    expect(detail(sample, 'oldest transaction')?.value).toBeGreaterThanOrEqual(0)
    expect(JSON.stringify(sample)).not.toContain(CANARY)
    await first.query('ROLLBACK')
    await waiting
  })

  it('keeps background processes apart from clients, and tells settings with their units', async () => {
    // Of who has left some may still go.
    const sample = await sampleWhere(({ connections, sessions }) => connections.total === sessions.length + 1)
    expect(detail(sample, 'checkpointer')?.value).toBe(1)
    expect(detail(sample, 'role')?.value).toBe('primary')
    expect(detail(sample, 'statement_timeout')).toMatchObject({ unit: 'ms', value: 0 })
    expect(detail(sample, 'tcp_keepalives_idle')?.unit).toBe('ms')
  })

  it('counts statements by the extension, without their literals, and asks for a text once', async () => {
    await admin.query('CREATE EXTENSION IF NOT EXISTS pg_stat_statements')
    await admin.query('SELECT pg_stat_statements_reset()')
    const before = textsAsked().length
    const app = await connect('shop')
    const window = new StatementWindow()
    const run = async (times: number) => {
      for (let i = 0; i < times; i++) await app.query(`SELECT '${CANARY}', ${i}, pg_sleep(0.001)`)
    }
    await run(3)
    const taken: StatementTotals[] = []
    await sampleWhere(({ statements }) => {
      if (statements !== null && !taken.includes(statements)) {
        taken.push(statements)
        window.take(statements, taken.length * 10_000)
        if (taken.length === 1) void run(5)
      }
      return taken.length === 2
    })
    expect(taken.map((totals) => totals.source)).toEqual(['pg_stat_statements', 'pg_stat_statements'])
    const all = window.answer({ order: 'total', limit: 50, windowMs: 60_000 }, () => [])
    const mine = all.statements.find(({ user, text }) => user === 'app' && text.includes('pg_sleep'))
    expect(mine).toMatchObject({ text: 'SELECT ?, pg_sleep(?)', database: 'postgres', calls: 5, rows: 5 })
    expect(mine?.meanMs).toBeGreaterThanOrEqual(1)
    expect(JSON.stringify(taken)).not.toContain(CANARY)
    // Our own statements are nobody's news.
    expect(JSON.stringify(taken)).not.toContain('pg_stat_activity')
    const asked = textsAsked().slice(before)
    expect(asked.length).toBeGreaterThan(0)
    expect(new Set(asked).size).toBe(asked.length)
  })

  it('samples statements where there is no extension, and says so', async () => {
    const app = await connect('shop')
    const slow = app.query(`SELECT '${CANARY}', pg_sleep(600)`).catch(String)
    const { statements } = await sampleWhere(
      (sample) => sample.statements !== null && sample.statements.statements.length > 0,
    )
    expect(statements?.source).toBe('sampled')
    expect(statements?.statements).toMatchObject([
      { text: 'SELECT ?, pg_sleep(?)', user: 'app', calls: 1, rows: null },
    ])
    expect(JSON.stringify(statements)).not.toContain(CANARY)
    await admin.query("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'")
    expect(await slow).toContain('canceling statement')
  })
})
