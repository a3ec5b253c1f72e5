import type { RunningPostgres } from '@poolscope/lab'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fillConnections, holdConnections } from './hold-connections.ts'
import { postgresVersions } from './postgres-versions.ts'

describe.each(postgresVersions())('connections held on $label', ({ label, start }) => {
  let server: RunningPostgres
  let admin: Client
  let url: string
  beforeAll(async () => {
    server = await start({ maxConnections: 12 })
    admin = new Client(server.url)
    admin.on('error', () => {})
    await admin.connect()
    await admin.query("CREATE ROLE app LOGIN PASSWORD 'app'")
    url = server.url.replace(/\/\/[^@]*@/, '//app:app@')
  })
  afterAll(async () => {
    await admin?.end()
    await server?.stop()
  })

  async function sessions(application: string): Promise<{ pid: number; state: string }[]> {
    const sql = 'SELECT pid, state FROM pg_stat_activity WHERE application_name = $1 ORDER BY pid'
    return (await admin.query(sql, [application])).rows
  }

  it('are of the version that the label says', async () => {
    const { rows } = await admin.query('SHOW server_version')
    expect(label).toContain(`PostgreSQL ${rows[0].server_version.split('.')[0]}`)
  })

  it.each([
    ['idle', {}],
    ['idle in transaction', { inTransaction: true }],
    ['active', { query: 'SELECT pg_sleep(60)' }],
  ])('are %s until they are stopped, and gone then', async (state, options) => {
    const held = await holdConnections(url, 3, { application: 'of-the-test', ...options })
    await expect
      .poll(async () => (await sessions('of-the-test')).map((one) => one.state))
      .toEqual(Array(3).fill(state))
    expect((await sessions('of-the-test')).map((one) => one.pid)).toEqual(held.pids.toSorted((a, b) => a - b))
    await held.stop()
    expect(await sessions('of-the-test')).toEqual([])
  })

  it('fill the server until it refuses', async () => {
    const filler = await fillConnections(url)
    // 12 less 3 that are reserved, less the administrator's, which counts among the others
    expect(filler.pids).toHaveLength(8)
    await expect(holdConnections(url, 2)).rejects.toMatchObject({ code: '53300' })
    await filler.stop()
    expect(await sessions('filler')).toEqual([])
  })

  it('leave none behind when some cannot be opened', async () => {
    await expect(holdConnections(url, 10, { application: 'too-many' })).rejects.toMatchObject({
      code: '53300',
    })
    expect(await sessions('too-many')).toEqual([])
  })
})
