import type { Fleet, ServerBudget } from '@poolscope/protocol'
import { budgetOf, CAVEAT_TEXTS } from '@poolscope/sizing'
import { type DeclaredBudget, readBudget } from '../config/read-budget.ts'
import { readConfigFile } from '../config/read-config-file.ts'
import { ask } from './ask-agent.ts'
import { BUDGET_TEXTS } from './budget-texts.ts'
import { type Command, type CommandContext, StartError, UsageError } from './command.ts'
import { readArgs } from './read-args.ts'
import { table } from './table.ts'

const DEFAULT_URL = 'http://127.0.0.1:7077'

/** Holds what all services may open against what each server can take. */
export const budget: Command = {
  usage: `budget [--check] [--url URL | --file FILE] [--json]

  --check      exit with 1 unless everything fits
  --url URL    ask this agent what is so now                   [${DEFAULT_URL}]
  --file FILE  judge what a YAML file declares, without an agent
  --json       the same as JSON

Exit code 0: it fits, or --check was not given. 1: it does not fit, or cannot be known. 2: wrong input.

Environment: POOLSCOPE_TOKEN, where the agent wants one.`,
  run: runBudget,
}

/** What is printed of a server. */
type Report = { json: unknown; lines: string[]; fits: boolean | null }

async function runBudget({ args, env, terminal, signal }: CommandContext): Promise<void> {
  const { values, switches } = readArgs(args, ['url', 'file'], false, ['check', 'json'])
  if (values.url !== undefined && values.file !== undefined) {
    throw new UsageError('Give --url or --file, not both.')
  }
  const reports =
    values.file === undefined
      ? await fromAgent(values.url ?? DEFAULT_URL, env.POOLSCOPE_TOKEN, signal)
      : readBudget(readConfigFile(values.file)).map(ofDeclared)
  if (switches.has('json'))
    terminal.print(
      JSON.stringify(
        reports.map(({ json }) => json),
        null,
        2,
      ),
    )
  else for (const line of reports.flatMap(({ lines }) => [...lines, ''])) terminal.print(line)
  if (!switches.has('check')) return
  if (reports.length === 0)
    throw new StartError('The agent watches no server, so that nothing can be held against one.')
  const not = reports.filter(({ fits }) => fits !== true).length
  if (not > 0) {
    throw new StartError(
      `${not} of ${reports.length} ${reports.length === 1 ? 'server does' : 'servers do'} not fit, or cannot be known to.`,
    )
  }
}

async function fromAgent(url: string, token: string | undefined, signal: AbortSignal): Promise<Report[]> {
  const { servers } = (await ask(url, '/api/v1/fleet?pools=false', token, signal)) as Fleet
  const budgets: Report[] = []
  for (const { id } of servers) {
    const path = `/api/v1/servers/${encodeURIComponent(id)}/budget`
    budgets.push(ofLive((await ask(url, path, token, signal)) as ServerBudget))
  }
  return budgets
}

function ofLive(found: ServerBudget): Report {
  const { name, usable, worst, rollout, others, open, unknown, fits, rows } = found
  const word = fits === true ? 'fits' : fits === false ? 'DOES NOT FIT' : 'cannot be known to fit'
  const cells = rows.map((row) => [
    `${row.service} / ${row.name}`,
    ...[row.instances, row.max, row.declared, row.inUse, row.open, row.granted].map(shown),
  ])
  const head = ['Pool', 'Instances', 'Max', 'Declared', 'In use', 'Open', 'Max to fit']
  return {
    json: found,
    fits,
    lines: [
      `${name}: ${word}. If every pool filled up: ${shown(worst)} of ${shown(usable)} usable; in a roll-out: ${shown(rollout)}; open now: ${shown(open)}.`,
      ...(rows.length === 0 ? ['  No pool leads here.'] : indent(table(head, cells, [1, 2, 3, 4, 5, 6]))),
      `  Open beside the pools: ${shown(others)}.`,
      ...(unknown === 0
        ? []
        : [`  ${unknown} of ${rows.length} have no known max, and count as what they have open now.`]),
    ],
  }
}

function ofDeclared({ name, server, services }: DeclaredBudget): Report {
  const found = budgetOf(server, services)
  const { usable, limit, steady, rollout, poolerServer, lines, problems, caveats, fits } = found
  const head = ['Service', 'Pools', 'Each', 'Declared', 'Roll-out', 'Half gone', 'Each to fit', 'Loses']
  const cells = lines.map((line) => [
    line.name,
    ...[
      line.pools,
      line.each,
      line.declared,
      line.surge,
      line.failover.needsEach,
      line.granted,
      line.loses,
    ].map(shown),
  ])
  const over = poolerServer === null ? '' : ` The pooler opens ${poolerServer} of ${usable} on the server.`
  return {
    json: { name, ...found },
    fits,
    lines: [
      `${name}: ${fits ? 'fits' : 'DOES NOT FIT'}. ${steady} declared, ${rollout} in a roll-out, of ${limit}.${over}`,
      ...indent(table(head, cells, [1, 2, 3, 4, 5, 6, 7])),
      ...problems.map((problem) => `  ${problem}: ${BUDGET_TEXTS[problem]}`),
      ...caveats.map((caveat) => `  note: ${CAVEAT_TEXTS[caveat]}`),
    ],
  }
}

function shown(value: number | null): string {
  return value === null ? '—' : String(value)
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`)
}
