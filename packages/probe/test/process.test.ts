import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FakeAgent } from './agent.ts'
import { afterSeen, PRINT_LEFT, UNTIL_SEEN } from './probe-contract-process.ts'

const run = promisify(execFile)
const home = fileURLToPath(new URL('..', import.meta.url))
const tsc = fileURLToPath(new URL('../../../node_modules/typescript/bin/tsc', import.meta.url))

/** Runs a script against the built probe and answers what it printed; rejects when it exits with an error. */
function script(text: string, env: Record<string, string> = {}) {
  const prelude = `
    import { createRequire } from 'node:module'
    import { watch, flush } from './dist/pg/index.js'
    const { Pool, Client } = createRequire(import.meta.url)('pg')
    Client.prototype.connect = (callback) => callback(null)
    Client.prototype.end = (callback) => callback?.()
    Client.prototype.ref = Client.prototype.unref = () => {}
  `
  const args = ['--input-type=module', '--eval', prelude + text]
  return run(process.execPath, args, { cwd: home, env: { ...process.env, ...env }, timeout: 90_000 })
}

let agent: FakeAgent
beforeAll(async () => {
  agent = await FakeAgent.start()
  await run(process.execPath, [tsc, '-b', home])
})
afterAll(() => agent.stop())

describe('a process with a watched pool', () => {
  const use = `
    const pool = watch(new Pool({ idleTimeoutMillis: 0 }), { name: 'p' })
    ;(await pool.connect()).release()
  `

  it('ends as soon as its own work is done, silently, with an agent that never answers', async () => {
    agent.answer = () => {}
    const before = agent.requests
    const running = script(`${use}${UNTIL_SEEN}${PRINT_LEFT}`, { POOLSCOPE_URL: agent.url })
    const { stdout, stderr } = await afterSeen(running, () => agent.requests > before)
    agent.answer = null
    expect(JSON.parse(stdout)).toEqual([])
    expect(stderr).toBe('')
    expect(agent.requests).toBeGreaterThan(before)
  })

  it('ends silently with no agent at all', async () => {
    const { stdout, stderr } = await script(`${use}await flush()`, { POOLSCOPE_URL: 'http://127.0.0.1:9' })
    expect(stdout + stderr).toBe('')
  })

  it('delivers its last report when it awaits flush, though nothing else keeps it alive', async () => {
    const beforeMs = Date.now()
    const { stdout } = await script(`${use}await pool.end(); await flush(); console.log('flushed')`, {
      POOLSCOPE_URL: agent.url,
      OTEL_SERVICE_NAME: 'short-lived',
    })
    expect(stdout).toBe('flushed\n')
    const { report } = agent.received.at(-1) ?? {}
    expect(report).toMatchObject({ service: 'short-lived', pools: [{ name: 'p', ended: true }] })
    expect(report?.startedAtMs).toBeGreaterThanOrEqual(beforeMs - 1)
    expect(report?.startedAtMs).toBeLessThanOrEqual(Date.now())
    expect(agent.invalid).toEqual([])
  })

  it('loads nothing but itself and Node.js', () => {
    const dist = `${home}dist`
    const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.js'),
    )
    const imported = files.flatMap((file) =>
      [
        ...readFileSync(`${dist}/${file}`, 'utf8').matchAll(/^(?:import|export) (?:.* from )?'([^']+)'/gm),
      ].map((found) => found[1]),
    )
    expect(imported.length).toBeGreaterThan(10)
    expect(imported.filter((from) => !/^(node:|\.)/.test(from ?? ''))).toEqual([])
  })
})
