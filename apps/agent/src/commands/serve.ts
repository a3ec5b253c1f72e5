import { readConfigFile, readTextFile } from '../config/read-config-file.ts'
import { resolveConfig } from '../config/resolve-config.ts'
import { HistoryError } from '../history/database.ts'
import { startAgent } from '../start-agent.ts'
import { startReplay } from '../start-replay.ts'
import { type Command, type CommandContext, StartError, UsageError } from './command.ts'
import { listenError } from './listen-error.ts'
import { readArgs } from './read-args.ts'
import { readTime } from './read-time.ts'
import { untilAborted } from './stop-signal.ts'

/** Watches the named servers and takes in the reports of probes. */
export const serve: Command = {
  usage: `serve [URL ...] [--config FILE] [--port N] [--host H] [--data DIR]
       poolscope serve --replay FILE [--at TIME] [--port N] [--host H]

  URL            a server to watch, such as postgresql://poolscope@db.internal:5432/app
                 (also pgbouncer: mysql: mariadb: mongodb: redis:)
                 (give passwords in the file or by PGPASSWORD: other users of this machine see arguments)
  --config FILE  YAML or JSON with host, port, token or tokenFile, allowedHosts, allowedOrigins,
                 embedParents, leakQuietMs, logLevel, history (dir, tiers, budgetBytes),
                 rules, notifiers, publicUrl, healthCompatibility
                 and servers (each url, name, password or passwordFile)
  --replay FILE  serves a file of "poolscope export" as if it were then, and takes in nothing
  --at TIME      where the clock of the replay begins to run, such as 2026-03-01T14:05Z; without it
                 the clock stands at the end of the file
  --port N       port to listen on; 0 takes any free one                     [7077]
  --data DIR     history, alerts, silences, black boxes   [$XDG_STATE_HOME/poolscope]
  --host H       address to listen on; another than loopback needs a token   [127.0.0.1]

Environment: POOLSCOPE_CONFIG, POOLSCOPE_HOST, POOLSCOPE_PORT, POOLSCOPE_DATA, POOLSCOPE_TOKEN,
POOLSCOPE_TOKEN_FILE. Options win over the environment, and the environment over the file.`,
  run: runServe,
}

async function runServe({ args, env, terminal, signal }: CommandContext): Promise<void> {
  const { values, positionals } = readArgs(args, ['config', 'port', 'host', 'data', 'replay', 'at'], true)
  const path = values.config ?? env.POOLSCOPE_CONFIG
  const config = resolveConfig({
    flags: { host: values.host, port: values.port, data: values.data, servers: positionals },
    env,
    file: path === undefined || path === '' ? undefined : readConfigFile(path),
    readSecretFile: readTextFile,
  })
  const refuse = (error: unknown): never => {
    if (error instanceof HistoryError) throw new StartError(error.message, { cause: error })
    throw listenError(error, config.host, config.port)
  }
  if (values.at !== undefined && values.replay === undefined) throw new UsageError('--at is for --replay.')
  if (values.replay !== undefined) {
    if (config.servers.length > 0) throw new UsageError('A replay watches no server.')
    const fromMs = values.at === undefined ? null : readTime(values.at, '--at')
    const agent = await startReplay(config, { file: values.replay, fromMs }).catch(refuse)
    terminal.print(`Poolscope is at ${agent.url} and replays ${values.replay}.`)
    await untilAborted(signal)
    return agent.close()
  }
  const agent = await startAgent(config).catch(refuse)
  const count = config.servers.length
  const watched =
    count === 0 ? 'no server, only what probes report' : count === 1 ? '1 server' : `${count} servers`
  terminal.print(`Poolscope is at ${agent.url} and watches ${watched}.`)
  await untilAborted(signal)
  await agent.close()
}
