import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { test as base } from '@playwright/test'
import { type RunningPostgres, startPostgres } from '@poolscope/lab'
import type { Fleet } from '@poolscope/protocol'

const MAIN = fileURLToPath(new URL('../../apps/agent/dist/main.js', import.meta.url))
/** The configuration of an agent that may change limits. */
export const KNOB_CONFIG = fileURLToPath(new URL('./knob.yaml', import.meta.url))
const APP = fileURLToPath(new URL('./app.mjs', import.meta.url))

/** The built agent in a process of its own. */
export type Agent = {
  readonly url: string
  readonly port: number
  /** What it asks everyone for; empty when nothing. */
  readonly token: string
  /** Everything that it printed. */
  output(): string
  get(path: string): Promise<Response>
  fleet(): Promise<Fleet>
  stop(signal?: NodeJS.Signals): Promise<void>
}

/** Starts the built agent and waits until it says where it is. */
async function startAgent(args: readonly string[], env: Record<string, string> = {}): Promise<Agent> {
  const data = await mkdtemp(join(tmpdir(), 'poolscope-e2e-'))
  const child = spawn(process.execPath, [MAIN, 'serve', ...args], {
    env: { ...process.env, POOLSCOPE_DATA: data, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  const url = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`the agent did not come up: ${output}`)), 60_000)
    createInterface(child.stdout).on('line', (line) => {
      output += `${line}\n`
      const found = /http:\/\/[\d.]+:\d+/.exec(line)?.[0]
      if (found === undefined) return
      clearTimeout(timer)
      resolve(found)
    })
    child.once('exit', (code) => reject(new Error(`the agent ended with ${code}: ${output}`)))
  }).catch(async (error: unknown) => {
    await end(child, 'SIGKILL')
    await rm(data, { recursive: true, force: true })
    throw error
  })
  const get = (path: string) => fetch(`${url}${path}`)
  const { POOLSCOPE_TOKEN: token = '' } = env
  return {
    url,
    port: Number(new URL(url).port),
    token,
    output: () => output,
    get,
    fleet: async () => (await (await get('/api/v1/fleet')).json()) as Fleet,
    stop: async (signal = 'SIGTERM') => {
      await end(child, signal)
      await rm(data, { recursive: true, force: true })
    },
  }
}

/** An application whose pool does what a test tells it. */
export type App = {
  /** Sends a command; resolves when it is done. */
  tell(message: object): Promise<void>
  /** Sends a command that does not end by itself, such as a wait. */
  send(message: object): void
  kill(): Promise<void>
}

/** Within what the agent may change the limit of its pool; without them it may not. */
type Bounds = { min: number; max: number }

/** Starts an application with a pool on the database. */
async function startApp(
  agent: { url: string; token: string } | null,
  databaseUrl: string,
  service: string,
  max: number,
  turnable?: Bounds,
): Promise<App> {
  const child = fork(APP, {
    env: {
      ...process.env,
      DATABASE_URL: databaseUrl,
      SERVICE: service,
      POOL_MAX: String(max),
      OTEL_SERVICE_NAME: service,
      TURNABLE: turnable === undefined ? '' : JSON.stringify(turnable),
      PROBE: agent === null ? 'none' : 'yes',
      POOLSCOPE_URL: agent?.url ?? '',
      POOLSCOPE_TOKEN: agent?.token ?? '',
    },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  await once(child, 'message')
  let lastId = 0
  return {
    tell: async (message) => {
      lastId += 1
      const id = lastId
      const done = new Promise<void>((resolve, reject) => {
        const listen = (answer: unknown) => {
          if ((answer as { done?: number }).done !== id) return
          child.off('message', listen)
          child.off('exit', fail)
          resolve()
        }
        const fail = () => {
          if (!child.killed) reject(new Error(`${service} ended before it did ${JSON.stringify(message)}`))
        }
        child.on('message', listen)
        child.once('exit', fail)
      })
      child.send({ ...message, id })
      await done
    },
    send: (message) => {
      child.send(message)
    },
    kill: () => end(child, 'SIGKILL'),
  }
}

async function printEvidence(agent: Agent): Promise<void> {
  const fleet = await agent.fleet().catch((error: unknown) => String(error))
  console.log(`The agent ${agent.url} printed:\n${agent.output()}and knows: ${JSON.stringify(fleet)}`)
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill(signal)
  await exited
}

type Things = {
  /** Starts applications that end with the test. */
  app: (
    service: string,
    max: number,
    options?: { probe: boolean; agent?: Agent; turnable?: Bounds },
  ) => Promise<App>
  /** Starts agents of the test's own, which end with it. */
  ownAgent: (args: readonly string[], env?: Record<string, string>) => Promise<Agent>
}
/** What a failed test prints beside its error: what its page logged, and what the agents know and said. */
type Evidence = { evidence: undefined }
type Stack = { database: RunningPostgres; agent: Agent }

/** A real PostgreSQL and the built agent that watches it, one of each a worker. */
export const test = base.extend<Things & Evidence, Stack>({
  database: [
    async ({}, use) => {
      const database = await startPostgres()
      await use(database)
      await database.stop()
    },
    { scope: 'worker' },
  ],
  agent: [
    async ({ database }, use) => {
      const agent = await startAgent([database.url, '--port', '0'])
      await use(agent)
      await agent.stop()
    },
    { scope: 'worker' },
  ],
  app: async ({ agent, database }, use) => {
    const apps: App[] = []
    await use(async (service, max, options = { probe: true }) => {
      const to = options.probe ? (options.agent ?? agent) : null
      const app = await startApp(to, database.url, service, max, options.turnable)
      apps.push(app)
      return app
    })
    for (const app of apps) await app.kill()
  },
  ownAgent: async ({}, use, testInfo) => {
    const agents: Agent[] = []
    await use(async (args, env) => {
      const agent = await startAgent(args, env)
      agents.push(agent)
      return agent
    })
    for (const agent of agents) {
      if (testInfo.status !== testInfo.expectedStatus) await printEvidence(agent)
      await agent.stop()
    }
  },
  evidence: [
    async ({ page, agent }, use, testInfo) => {
      const logged: string[] = []
      page.on('console', (message) => logged.push(`${message.type()}: ${message.text()}`))
      page.on('pageerror', (error) => logged.push(String(error)))
      await use(undefined)
      if (testInfo.status === testInfo.expectedStatus) return
      console.log(['The page logged:', ...logged].join('\n  '))
      await printEvidence(agent)
    },
    { auto: true },
  ],
})

export { expect } from '@playwright/test'
