import type { ServerTarget } from '../config/config.ts'
import { readConfigFile, readTextFile } from '../config/read-config-file.ts'
import { resolveConfig } from '../config/resolve-config.ts'
import { checkServer, type ServerCheck } from '../sources/check-server.ts'
import { type Command, type CommandContext, StartError, UsageError } from './command.ts'
import { readArgs } from './read-args.ts'

/** Connects to each server once, and says what may be read and what is missing. */
export const check: Command = {
  usage: `check [URL ...] [--config FILE]

  URL            a server, such as postgresql://poolscope@db.internal:5432/app
                 (also pgbouncer: mysql: mariadb: mongodb: redis:)
  --config FILE  the file that "serve" is given; its servers are checked

It connects to each server as "serve" would, reads what it may, and changes nothing.
Exit code 0: all that is needed may be read. 1: a server cannot be reached, or something is missing.
2: the configuration is wrong.`,
  run: runCheck,
}

const MARKS = { ok: 'ok     ', missing: 'MISSING', advice: 'advice ' } as const

async function runCheck({ args, env, terminal, signal }: CommandContext): Promise<void> {
  const { values, positionals } = readArgs(args, ['config'], true)
  const path = values.config ?? env.POOLSCOPE_CONFIG
  const { servers } = resolveConfig({
    flags: { servers: positionals },
    env,
    file: path === undefined || path === '' ? undefined : readConfigFile(path),
    readSecretFile: readTextFile,
  })
  if (servers.length === 0) throw new UsageError('Name a server, or a file that does.')
  let failed = 0
  for (const target of servers) {
    const result = await checkServer(target, signal)
    if (signal.aborted) throw new StartError('It was stopped before every server was checked.')
    for (const line of lines(target, result)) terminal.print(line)
    if (result.failure !== null || result.items.some(({ state }) => state === 'missing')) failed += 1
  }
  if (failed > 0) {
    throw new StartError(
      `${failed} of ${servers.length} ${servers.length === 1 ? 'server needs' : 'servers need'} attention.`,
    )
  }
}

function lines(target: ServerTarget, { version, failure, items }: ServerCheck): string[] {
  const title = `${target.name} (${target.system}${version === null ? '' : ` ${version}`})`
  if (failure !== null) return [title, `  MISSING  connection: ${failure.message}`, '']
  const width = Math.max(...items.map(({ what }) => what.length))
  return [
    title,
    ...items.flatMap(({ what, state, message, fix }) => [
      `  ${MARKS[state]}  ${what.padEnd(width)}  ${message}`,
      ...fix.map((line) => `             ${line}`),
    ]),
    '',
  ]
}
