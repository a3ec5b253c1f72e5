import { type ChildProcess, fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { APPLICATIONS, type Application, GRANTS, SCHEMA_SQL } from './schema.ts'
import type { ServiceOrder, ServicePlan } from './service-plan.ts'

const DAY_MS = 240_000
const STOP_MS = 2000

/** A shop whose tables and roles are there, and whose doors are still closed. */
export type PreparedShop = {
  /** Connection string of a role that may watch the server and nothing else. Secret. */
  monitorUrl: string
  services: ServicePlan[]
}

/** A shop under load. */
export type RunningShop = {
  processes: { name: string; pid: number }[]
  /** Closes it; no process is left. */
  stop(): Promise<void>
}

/**
 * Creates the shop's tables, its roles and a role for monitoring.
 * @param databaseUrl a superuser's connection string to an empty database
 */
export async function prepareShop(databaseUrl: string): Promise<PreparedShop> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    await client.query(SCHEMA_SQL)
    const urls = new Map<Application, string>()
    for (const application of APPLICATIONS) {
      urls.set(application, await createRole(client, databaseUrl, application, ''))
      for (const grant of GRANTS[application]) await client.query(`GRANT ${grant} TO ${application}`)
    }
    const monitorUrl = await createRole(client, databaseUrl, 'poolscope', 'CONNECTION LIMIT 3')
    await client.query('GRANT pg_monitor TO poolscope')
    const { rows } = await client.query(
      "SELECT 1 FROM pg_roles WHERE rolname = 'pg_use_reserved_connections'",
    )
    if (rows.length > 0) await client.query('GRANT pg_use_reserved_connections TO poolscope')
    const plan = (application: Application, instance: string): ServicePlan => ({
      application,
      instance,
      databaseUrl: urls.get(application) ?? databaseUrl,
    })
    return {
      monitorUrl,
      services: [
        plan('catalog', 'catalog-1'),
        plan('catalog', 'catalog-2'),
        plan('checkout', 'checkout-1'),
        plan('billing', 'billing-1'),
        plan('backoffice', 'backoffice-1'),
      ],
    }
  } finally {
    await client.end()
  }
}

/** Opens the doors: one process a service, each under load. */
export async function startShop(options: {
  services: readonly ServicePlan[]
  /** Where the probes report. */
  agentUrl: string
  token?: string | null
  /** Length of a day, ms; four minutes unless given. */
  dayMs?: number
  /** Multiplies every rate; 1 unless given. */
  rate?: number
}): Promise<RunningShop> {
  const { services, agentUrl, token = null, dayMs = DAY_MS, rate = 1 } = options
  const openedAtMs = Date.now()
  const children = services.map((plan) => {
    const order: ServiceOrder = { ...plan, agentUrl, token, dayMs, rate, openedAtMs }
    return { name: plan.instance, child: startService(order) }
  })
  await Promise.all(children.map(({ child }) => once(child, 'spawn')))
  return {
    processes: children.map(({ name, child }) => ({ name, pid: child.pid as number })),
    stop: async () => {
      await Promise.all(children.map(({ child }) => stopService(child)))
    },
  }
}

function startService(order: ServiceOrder): ChildProcess {
  // Tests run this file from its source; the process that it starts is always the built one.
  const built = import.meta.url.endsWith('.ts') ? '../../dist/shop/service.js' : './service.js'
  const child = fork(fileURLToPath(new URL(built, import.meta.url)), {
    execArgv: ['--enable-source-maps'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  child.on('error', () => {})
  child.send({ start: order })
  return child
}

async function stopService(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  if (child.connected) child.send('stop', () => {})
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
  await exited
  clearTimeout(timer)
}

async function createRole(
  client: pg.Client,
  databaseUrl: string,
  name: string,
  limits: string,
): Promise<string> {
  const password = randomBytes(18).toString('base64url')
  await client.query(`CREATE ROLE ${name} LOGIN PASSWORD '${password}' ${limits}`)
  const url = new URL(databaseUrl)
  url.username = name
  url.password = password
  return url.href
}
