import type { Fleet, ServerBudget } from '@poolscope/protocol'
import { checkNumber } from '@poolscope/sizing'
import { readBudget } from '../config/read-budget.ts'
import { readConfigFile } from '../config/read-config-file.ts'
import { type AskedAgent, ask } from './ask-agent.ts'
import { type Asked, ofDeclared, ofLive, type Report } from './budget-report.ts'
import { type Command, type CommandContext, StartError, UsageError } from './command.ts'
import { readArgs } from './read-args.ts'

const DEFAULT_URL = 'http://127.0.0.1:7077'
/** What a file is held to: one of two sites is gone. */
const HALF = 0.5

/** Holds what all services may open against what each server can take. */
export const budget: Command = {
  usage: `budget [--check] [--url URL | --file FILE] [--surge PERCENT] [--lost PERCENT] [--json]

  --check          exit with 1 unless everything fits
  --url URL        ask this agent what is so now                   [${DEFAULT_URL}]
  --file FILE      judge what a YAML file declares, without an agent
  --surge PERCENT  it has to fit too while one service runs so many more instances, old and new together, 0 to 100.
                   Not with --file, which says it of each service
  --lost PERCENT   those left have to take the traffic while so many instances of each service are gone, 0 to 99
                   [50 with --file, else not looked at]
  --json           the same as JSON

Exit code 0: it fits, or --check was not given. 1: it does not fit, or cannot be known. 2: wrong input.

Environment: POOLSCOPE_TOKEN, where the agent wants one.`,
  run: runBudget,
}

async function runBudget({ args, env, terminal, signal }: CommandContext): Promise<void> {
  const { values, switches } = readArgs(args, ['url', 'file', 'surge', 'lost'], false, ['check', 'json'])
  if (values.url !== undefined && values.file !== undefined) {
    throw new UsageError('Give --url or --file, not both.')
  }
  if (values.surge !== undefined && values.file !== undefined) {
    throw new UsageError('--surge goes without --file: a file says `surge` of each service.')
  }
  const asked = {
    surgeRatio: readShare('--surge', values.surge, 100),
    lostRatio: readShare('--lost', values.lost, 99),
  }
  const reports =
    values.file === undefined
      ? await fromAgent({ url: values.url ?? DEFAULT_URL, token: env.POOLSCOPE_TOKEN, signal }, asked)
      : readBudget(readConfigFile(values.file)).map((one) => ofDeclared(one, asked.lostRatio ?? HALF))
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

/** A share in per cent as a ratio; null where it was not given. */
function readShare(option: string, text: string | undefined, max: number): number | null {
  if (text === undefined) return null
  try {
    return checkNumber(option, Number(text.trim() || Number.NaN), { min: 0, max, unit: '%' }) / 100
  } catch {
    throw new UsageError(`${option} must be a number from 0 to ${max} (per cent).`)
  }
}

async function fromAgent(agent: AskedAgent, asked: Asked): Promise<Report[]> {
  const { servers } = (await ask(agent, '/api/v1/fleet?pools=false')) as Fleet
  const budgets: Report[] = []
  for (const { id } of servers) {
    const path = `/api/v1/servers/${encodeURIComponent(id)}/budget`
    budgets.push(ofLive((await ask(agent, path)) as ServerBudget, asked))
  }
  return budgets
}
