import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RunningPostgres, startPostgres } from '../postgres.ts'
import { type PreparedShop, prepareShop, type RunningShop, startShop } from './shop.ts'

let server: RunningPostgres
let prepared: PreparedShop
beforeAll(async () => {
  server = await startPostgres()
  prepared = await prepareShop(server.url)
})
afterAll(() => server.stop())

/** Asks until the answer is right; a shop takes a moment to open. */
async function until<T>(ask: () => Promise<T>, right: (answer: T) => boolean): Promise<T> {
  const deadline = Date.now() + 45_000
  for (;;) {
    const answer = await ask().catch(() => undefined)
    if (answer !== undefined && right(answer)) return answer
    if (Date.now() > deadline) throw new Error(`still ${JSON.stringify(answer)}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

async function ask(url: string, sql: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query<[unknown]>({ text: sql, rowMode: 'array' })
    return rows.map(([value]) => String(value))
  } finally {
    await client.end()
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

const open = () => startShop({ services: prepared.services, agentUrl: 'http://127.0.0.1:9', rate: 1 })
const NAMES = "SELECT DISTINCT application_name FROM pg_stat_activity WHERE application_name <> ''"
const ORDERS = 'SELECT count(*) FROM orders'

describe(prepareShop, () => {
  it('makes a monitoring role that sees every session and reads no table', async () => {
    expect(await ask(prepared.monitorUrl, "SELECT pg_has_role('pg_monitor', 'member')")).toEqual(['true'])
    await expect(ask(prepared.monitorUrl, ORDERS)).rejects.toThrow(/permission denied/)
  })

  it('lets no service do more than it needs', async () => {
    const catalog = prepared.services.find((plan) => plan.application === 'catalog')
    await expect(ask(catalog?.databaseUrl ?? '', ORDERS)).rejects.toThrow(/permission denied/)
  })
})

describe(startShop, () => {
  let shop: RunningShop

  it('puts load on the database under the name of each application', async () => {
    shop = await open()
    const before = Number((await ask(server.url, ORDERS))[0])
    await until(
      () => ask(server.url, NAMES),
      (names) => ['backoffice', 'billing', 'catalog', 'checkout'].every((name) => names.includes(name)),
    )
    await until(
      () => ask(server.url, ORDERS),
      ([count]) => Number(count) > before,
    )
  })

  it('goes on after the database was away', async () => {
    await server.stopServer()
    await server.startServer()
    expect(shop.processes.every(({ pid }) => isAlive(pid))).toBe(true)
    const before = Number((await ask(server.url, ORDERS))[0])
    await until(
      () => ask(server.url, ORDERS),
      ([count]) => Number(count) > before,
    )
  })

  it('leaves the end to its parent when a signal reaches the whole group', async () => {
    for (const { pid } of shop.processes) {
      process.kill(pid, 'SIGTERM')
      process.kill(pid, 'SIGINT')
    }
    const before = Number((await ask(server.url, ORDERS))[0])
    await until(
      () => ask(server.url, ORDERS),
      ([count]) => Number(count) > before,
    )
    expect(shop.processes.every(({ pid }) => isAlive(pid))).toBe(true)
  })

  it('leaves no process when it is closed', async () => {
    await shop.stop()
    expect(shop.processes.filter(({ pid }) => isAlive(pid))).toEqual([])
  })
})
