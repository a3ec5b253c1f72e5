import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import pg from 'pg'
import { afterEach, describe, expect, it } from 'vitest'
import { type RunningPostgres, startPostgres } from './postgres.ts'

const servers: RunningPostgres[] = []
async function start(...options: Parameters<typeof startPostgres>) {
  const server = await startPostgres(...options)
  servers.push(server)
  return server
}
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop()
})

async function ask(server: RunningPostgres, sql: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: server.url })
  await client.connect()
  const { rows } = await client.query({ text: sql, rowMode: 'array' })
  await client.end()
  return rows[0]?.[0]
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

async function until(test: () => boolean): Promise<void> {
  const deadline = Date.now() + 45_000
  while (!test()) {
    if (Date.now() > deadline) throw new Error('it did not come about')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

describe(startPostgres, () => {
  it('runs real backends with pg_stat_statements', async () => {
    const server = await start({ maxConnections: 23 })
    expect(await ask(server, 'SHOW max_connections')).toBe('23')
    expect(Number(await ask(server, 'SELECT count(*) FROM pg_stat_statements'))).toBeGreaterThan(0)
  })

  it('never runs as root', async () => {
    const server = await start()
    if (process.platform !== 'linux') return expect(server.pid).toBeGreaterThan(0)
    const uid = /^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))?.[1]
    expect(Number(uid)).toBeGreaterThan(0)
  })

  it('starts twice at once', async () => {
    const [a, b] = await Promise.all([start(), start()])
    expect(a.port).not.toBe(b.port)
    expect(a.dataDir).not.toBe(b.dataDir)
  })

  it('keeps port and data over a restart', async () => {
    const server = await start()
    await ask(server, 'CREATE TABLE kept AS SELECT 42 AS answer')
    const { port } = server
    await server.stopServer()
    expect(server.pid).toBeNull()
    await expect(ask(server, 'SELECT 1')).rejects.toThrow()
    await server.startServer()
    expect(server.port).toBe(port)
    expect(await ask(server, 'SELECT answer FROM kept')).toBe(42)
  })

  it('leaves neither process nor folder when stopped', async () => {
    const server = await start()
    const pid = server.pid as number
    await server.stop()
    expect(isAlive(pid)).toBe(false)
    expect(existsSync(server.dataDir)).toBe(false)
  })

  it('says in the server’s words why it cannot start', async () => {
    await expect(start({ settings: { shared_buffers: 'plenty' } })).rejects.toThrow(/shared_buffers/)
  })

  it('ends when the process that started it is killed', async () => {
    const source = `
      import { startPostgres } from ${JSON.stringify(new URL('../dist/postgres.js', import.meta.url).href)}
      const server = await startPostgres()
      console.log(JSON.stringify({ pid: server.pid, dataDir: server.dataDir }))
      setInterval(() => {}, 1000)`
    const parent = spawn(process.execPath, ['--input-type=module', '-e', source], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const line = await new Promise<string>((resolve) => createInterface(parent.stdout).once('line', resolve))
    const { pid, dataDir } = JSON.parse(line) as { pid: number; dataDir: string }
    expect(isAlive(pid)).toBe(true)
    parent.kill('SIGKILL')
    await until(() => !isAlive(pid) && !existsSync(dataDir))
  })
})
