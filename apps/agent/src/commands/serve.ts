import { readConfigFile, readTextFile } from '../config/read-config-file.ts'
import { resolveConfig } from '../config/resolve-config.ts'
import { startAgent } from '../start-agent.ts'
import type { Command, CommandContext } from './command.ts'
import { listenError } from './listen-error.ts'
import { readArgs } from './read-args.ts'
import { untilAborted } from './stop-signal.ts'

/** Watches the named servers and takes in the reports of probes. */
export const serve: Command = {
  summary: 'watch servers, and take in what probes report',
  usage: `serve [URL ...] [--config FILE] [--port N] [--host H] [--data DIR]

  URL            a server to watch, such as postgresql://poolscope@db.internal:5432/app
                 (give passwords in the file or by PGPASSWORD: other users of this machine see arguments)
  --config FILE  YAML or JSON with host, port, token or tokenFile, allowedHosts, allowedOrigins, logLevel
                 servers (each url, name, password or passwordFile), rules, notifiers, publicUrl and
                 healthCompatibility
  --port N       port to listen on; 0 takes any free one                     [7077]
  --host H       address to listen on; another than loopback needs a token   [127.0.0.1]
  --data DIR     folder of alerts, silences and black boxes; without it they end with the agent

Environment: POOLSCOPE_CONFIG, POOLSCOPE_HOST, POOLSCOPE_PORT, POOLSCOPE_DATA, POOLSCOPE_TOKEN, POOLSCOPE_TOKEN_FILE.
Options win over the environment, and the environment over the file.`,
  run: runServe,
}

async function runServe({ args, env, terminal, signal }: CommandContext): Promise<void> {
  const { values, positionals } = readArgs(args, ['config', 'port', 'host', 'data'], true)
  const path = values.config ?? env.POOLSCOPE_CONFIG
  const config = resolveConfig({
    flags: { host: values.host, port: values.port, data: values.data, servers: positionals },
    env,
    file: path === undefined || path === '' ? undefined : readConfigFile(path),
    readSecretFile: readTextFile,
  })
  const agent = await startAgent(config).catch((error: unknown) => {
    throw listenError(error, config.host, config.port)
  })
  const count = config.servers.length
  const watched =
    count === 0 ? 'no server, only what probes report' : count === 1 ? '1 server' : `${count} servers`
  terminal.print(`Poolscope is at ${agent.url} and watches ${watched}.`)
  await untilAborted(signal)
  await agent.close()
}
