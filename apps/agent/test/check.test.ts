import { type PostgresVersion, postgresVersions, startBlackhole } from '@poolscope/testkit'
import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCli } from '../src/commands/run-cli.ts'
import { PostgresServer } from './postgres-server.ts'

const PASSWORD = 'canary-of-a-password'

/** Runs `poolscope check`. */
async function check(...args: string[]) {
  const printed: string[] = []
  const print = (line: string) => void printed.push(line)
  const code = await runCli(
    {
      args: ['check', ...args],
      env: {},
      terminal: { print, printError: print },
      signal: new AbortController().signal,
    },
    '0.0.0-test',
  )
  const text = printed.join('\n')
  expect(text).not.toContain(PASSWORD)
  return { code, text, line: (what: string) => printed.find((line) => line.includes(`  ${what}`)) ?? '' }
}

const [newest, oldest] = postgresVersions()

describe.each([newest, oldest].filter((version): version is PostgresVersion => version !== undefined))(
  'poolscope check of $label',
  (version) => {
    let server: PostgresServer
    let admin: pg.Client
    beforeAll(async () => {
      server = new PostgresServer(
        await version.start({
          maxConnections: 20,
          settings: { ...(version.major >= 16 ? { reserved_connections: '2' } : {}) },
        }),
      )
      admin = await server.connect()
      await admin.query(
        `CREATE ROLE poolscope LOGIN PASSWORD '${PASSWORD}' CONNECTION LIMIT 3; GRANT pg_monitor TO poolscope`,
      )
      await admin.query(`CREATE ROLE "Odd one" LOGIN PASSWORD '${PASSWORD}'`)
    })
    afterAll(async () => {
      await admin.end()
      await server.running.stop()
    })

    it('is content with the documented grants and nothing more', async () => {
      const { code, text, line } = await check(server.url('poolscope', PASSWORD))
      expect(code).toBe(0)
      expect(text).not.toContain('MISSING')
      expect(line('sessions of all users')).toContain('ok')
      expect(line('slow statements')).toContain('ok')
    })

    it('names the exact statement for what is missing, which then is not', async () => {
      const url = server.url('Odd%20one', PASSWORD)
      const { code, text, line } = await check(url)
      expect(code).toBe(1)
      expect(line('sessions of all users'), text).toContain('MISSING')
      const grant = text.match(/GRANT pg_monitor TO .*;/)?.[0] ?? ''
      expect(grant).toBe('GRANT pg_monitor TO "Odd one";')
      const limit = text.match(/ALTER ROLE .*;/)?.[0] ?? ''
      await admin.query(`${grant} ${limit}`)
      const after = await check(url)
      expect(after.code).toBe(0)
      expect(after.line('its own limit')).toContain('ok')
    })

    it('says which door is open when the server is full', async () => {
      const { line, text } = await check(server.url('poolscope', PASSWORD))
      if (version.major < 16) {
        expect(line('reserved door')).toContain('None before PostgreSQL 16')
        return
      }
      expect(line('reserved door')).toContain('Closed')
      await admin.query(text.match(/GRANT pg_use_reserved_connections .*;/)?.[0] ?? 'SELECT missing')
      expect((await check(server.url('poolscope', PASSWORD))).line('reserved door')).toContain('Open: 2')
    })

    it('advises against a superuser', async () => {
      const { code, line } = await check(server.running.url)
      expect(code).toBe(0)
      expect(line('role')).toContain('advice')
    })

    it('fails with the reason when it cannot get in', async () => {
      const { code, text } = await check(server.url('poolscope', 'wrong-password'))
      expect(code).toBe(1)
      expect(text).toContain('does not accept the password')
    })
  },
)

describe('poolscope check', () => {
  it('gives up on a server that does not answer', async () => {
    const silent = await startBlackhole()
    const { code, text } = await check(`postgresql://poolscope:${PASSWORD}@${silent.host}:${silent.port}/app`)
    await silent.stop()
    expect(code).toBe(1)
    expect(text).toContain('did not answer in time')
  })

  it('refuses to check nothing', async () => {
    expect((await check()).code).toBe(2)
  })
})
