import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { prepareShop, startPostgres, startShop } from '@poolscope/lab'
import type { Config } from '../config/config.ts'
import { parseServerUrl } from '../config/parse-server-url.ts'
import { readTextFile } from '../config/read-config-file.ts'
import { resolveConfig } from '../config/resolve-config.ts'
import { startAgent } from '../start-agent.ts'
import { type Command, type CommandContext, StartError } from './command.ts'
import { checkPort, listenError } from './listen-error.ts'
import { readArgs } from './read-args.ts'
import { Steps, StoppedError } from './steps.ts'
import { untilAborted } from './stop-signal.ts'
import { waitUntilReady } from './wait-until-ready.ts'

/** Pools of the shop that report: two of the catalog's instances, the checkout's, two of billing. */
const PROBED_POOLS = 5

/** Everything on one machine with nothing to configure. */
export const demo: Command = {
  usage: `demo [--port N] [--host H]

  Starts a private PostgreSQL, a shop of three services under load, the agent and the dashboard.
  Ctrl-C ends all of it and leaves nothing behind, its history neither.

  --port N  port of the dashboard; 0 takes any free one                 [7077]
  --host H  address to listen on; another than loopback needs a token   [127.0.0.1]

Environment: POOLSCOPE_HOST, POOLSCOPE_PORT, POOLSCOPE_TOKEN, POOLSCOPE_TOKEN_FILE.`,
  run: runDemo,
}

async function runDemo({ args, env, terminal, signal }: CommandContext): Promise<void> {
  const { values } = readArgs(args, ['port', 'host'], false)
  const config = resolveConfig({ flags: values, env, readSecretFile: readTextFile })
  await checkPort(config.host, config.port)
  const steps = new Steps(terminal, signal)
  try {
    const url = await startAll(config, steps, signal)
    terminal.print(`Poolscope is at ${url}`)
    terminal.print('Ctrl-C ends it.')
    await untilAborted(signal)
  } catch (error) {
    if (!(error instanceof StoppedError)) throw error
  } finally {
    if (signal.aborted) terminal.print('Stopping …')
    await steps.undo()
  }
}

/** @returns where the dashboard is, once it shows the whole shop */
async function startAll(config: Config, steps: Steps, signal: AbortSignal): Promise<string> {
  const postgres = await steps.run(
    'Starting a private PostgreSQL',
    () => startPostgres().catch(refuseStart('PostgreSQL could not be started')),
    (server) => server.stop(),
  )
  const shop = await steps.run('Setting up the shop', () =>
    prepareShop(postgres.url).catch(refuseStart('The shop could not be set up')),
  )
  const parsed = parseServerUrl(shop.monitorUrl, 'shop-db')
  if ('problem' in parsed) throw new StartError(`The shop's database cannot be watched: ${parsed.problem}.`)
  const dir = await steps.run(
    'Making room for the history',
    () => mkdtemp(join(tmpdir(), 'poolscope-history-')),
    (path) => rm(path, { recursive: true, force: true }),
  )
  // Log lines would stand between the person and the URL; what fails is on the page.
  const agentConfig: Config = {
    ...config,
    servers: [parsed.target],
    history: { ...config.history, dir },
    logLevel: 'error',
  }
  const agent = await steps.run(
    'Starting the agent',
    () =>
      startAgent(agentConfig).catch((error: unknown) => {
        throw listenError(error, config.host, config.port)
      }),
    (running) => running.close(),
  )
  await steps.run(
    'Opening the shop',
    () =>
      startShop({ services: shop.services, agentUrl: agent.url, token: config.token }).catch(
        refuseStart('The shop could not be opened'),
      ),
    (running) => running.stop(),
  )
  await steps.run('Waiting for the first numbers of every pool', () =>
    waitUntilReady({
      url: agent.url,
      token: config.token,
      signal,
      complete: ({ groups, pools, servers }) =>
        servers.every(({ state }) => state === 'up') &&
        pools.filter(({ origin }) => origin === 'probe').length >= PROBED_POOLS &&
        shop.services.every(({ application }) => groups.some(({ service }) => service === application)),
    }),
  )
  return agent.url
}

/** Makes an error of the lab one line. */
function refuseStart(what: string): (error: unknown) => never {
  return (error) => {
    throw new StartError(`${what}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    })
  }
}
