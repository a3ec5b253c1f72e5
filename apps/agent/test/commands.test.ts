import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Fleet } from '@poolscope/protocol'
import { eventually } from '@poolscope/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isAlive, RunningCommand } from './command-runner.ts'

let started: RunningCommand[] = []
let dir = ''
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'poolscope-commands-'))
  // Under root the database server is another user, who has to get in.
  chmodSync(dir, 0o755)
})
afterEach(() => {
  for (const command of started) command.kill()
  started = []
  rmSync(dir, { recursive: true, force: true })
})

function run(args: string[], env: Record<string, string> = {}): RunningCommand {
  const command = new RunningCommand(args, env)
  started.push(command)
  return command
}

async function result(args: string[], env?: Record<string, string>) {
  const command = run(args, env)
  return { code: await command.ended(), stdout: command.stdout, stderr: command.stderr }
}

async function takenPort(): Promise<{ port: number; server: Server }> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { port: (server.address() as AddressInfo).port, server }
}

/** Folders of temporary servers; `tmp` is the command's own TMPDIR. */
const leftIn = (tmp: string) => readdirSync(tmp)

describe('poolscope', () => {
  it('lists its commands, tells what each takes, and its version', async () => {
    expect(await result(['--help'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^ {2}demo .*\n {2}serve /m),
    })
    expect(await result(['help', 'demo'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('--port N'),
    })
    expect(await result(['demo', '--help'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('--port N'),
    })
    expect(await result(['--version'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    })
  })

  it.each([
    [[], 'Name a command.'],
    [['dmeo'], 'Unknown command dmeo. Did you mean demo?'],
    [['postgresql://u:canary@h/db'], 'Unknown command.'],
    [['demo', '--prot', '1'], 'Unknown option --prot. Did you mean --port?'],
    [['demo', '--port'], '--port needs a value.'],
    [['demo', 'postgresql://u:canary@h/db'], 'It takes options only.'],
    [['serve', '--port', 'x'], '--port: expected a whole number from 0 to 65535'],
    [['serve', 'mysqlx://u:canary@h/db'], 'URL: expected a URL such as'],
    [['serve', '--host', '0.0.0.0'], 'openssl rand -hex 32'],
    [['serve', '--config', '/no/such.yaml'], '/no/such.yaml: expected a file that can be read'],
  ])('refuses %j with code 2 and without a secret', async (args, expected) => {
    const { code, stdout, stderr } = await result(args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(expected)
    expect(stderr).not.toContain('canary')
    expect(stderr).not.toMatch(/^\s+at /m)
  })

  it.each(['serve', 'demo'])('ends %s with code 1 and one line when the port is taken', async (name) => {
    const { port, server } = await takenPort()
    const { code, stderr } = await result([name, '--port', String(port)])
    server.close()
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `poolscope: Port ${port} on 127.0.0.1 is in use. Stop the other program, or choose another with --port N.\n`,
    })
  })

  it('says that an address is not one of this machine', async () => {
    const env = { POOLSCOPE_TOKEN: 'a-token-of-twenty-ch' }
    expect(await result(['serve', '--host', '192.0.2.1', '--port', '0'], env)).toMatchObject({
      code: 1,
      stderr: 'poolscope: 192.0.2.1 is not an address of this machine. Choose another with --host H.\n',
    })
  })

  it('serves what a file configures, asks for its token, and ends with code 0', async () => {
    const file = join(dir, 'poolscope.yaml')
    const token = join(dir, 'token')
    writeFileSync(token, 'canary-token-of-a-file\n')
    writeFileSync(
      file,
      `port: 0\ntokenFile: ${token}\nservers:\n  - url: postgresql://u@127.0.0.1:1/db\n    name: orders\n`,
    )
    const command = run(['serve'], { POOLSCOPE_CONFIG: file })
    const url = await command.url()
    expect((await fetch(`${url}/api/v1/fleet`)).status).toBe(401)
    const headers = { authorization: 'Bearer canary-token-of-a-file' }
    const fleet = (await (await fetch(`${url}/api/v1/fleet`, { headers })).json()) as {
      servers: { name: string }[]
    }
    expect(fleet.servers.map(({ name }) => name)).toEqual(['orders'])
    command.child.kill('SIGTERM')
    expect(await command.ended()).toBe(0)
    expect(command.stdout + command.stderr).not.toContain('canary')
  })
})

// Each begins a database and eight processes, some of them twice.
describe('poolscope demo', { timeout: 300_000 }, () => {
  const demo = () => run(['demo', '--port', '0'], { TMPDIR: dir })

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'can be used when it prints its URL, and leaves nothing behind after %s',
    async (signal) => {
      const command = demo()
      const url = await command.url()
      expect((await fetch(url)).status).toBe(200)
      const fleetNow = async () => (await (await fetch(`${url}/api/v1/fleet`)).json()) as Fleet
      const fleet = await fleetNow()
      expect(fleet.servers).toMatchObject([{ state: 'up' }])
      const services = new Set(fleet.pools.map(({ service }) => service))
      expect([...services].sort()).toEqual(['backoffice', 'billing', 'catalog', 'checkout'])
      await eventually(async () => expect((await fleetNow()).servers).toMatchObject([{ stale: false }]))
      const pids = command.descendants()
      expect(pids.length).toBeGreaterThan(process.platform === 'linux' ? 0 : -1)
      expect(leftIn(dir)).not.toEqual([])
      command.child.kill(signal)
      expect(await command.ended()).toBe(0)
      await eventually(() => pids.every((pid) => !isAlive(pid)))
      await eventually(() => leftIn(dir).length === 0)
      await expect(fetch(url)).rejects.toThrow()
      expect(command.stderr).toBe('')
    },
  )

  it('can be started again at once on the same port', async () => {
    const first = demo()
    const { port } = new URL(await first.url())
    first.child.kill('SIGTERM')
    await first.ended()
    const second = run(['demo', '--port', port], { TMPDIR: dir })
    expect(new URL(await second.url()).port).toBe(port)
    second.child.kill('SIGTERM')
    expect(await second.ended()).toBe(0)
  })

  it.each([50, 400, 900, 1500])(
    'leaves nothing behind when it is stopped %i ms after its start',
    async (ms) => {
      const command = demo()
      await new Promise((resolve) => setTimeout(resolve, ms))
      const pids = command.descendants()
      command.child.kill('SIGINT')
      await command.ended()
      await eventually(() => pids.every((pid) => !isAlive(pid)))
      await eventually(() => leftIn(dir).length === 0)
    },
  )

  it('takes the two signals of one key press for one', async () => {
    const command = demo()
    await command.url()
    command.child.kill('SIGINT')
    command.child.kill('SIGINT')
    expect(await command.ended()).toBe(0)
    await eventually(() => leftIn(dir).length === 0)
  })
})
