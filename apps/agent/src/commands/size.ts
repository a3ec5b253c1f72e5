import {
  checkNumber,
  INPUT_BOUNDS,
  minOf,
  NOTHING_KNOWN,
  type Recommendation,
  recommend,
  reserveOf,
  type SizeInput,
  shareOfLimit,
  sizeFromCores,
  sizeFromWait,
} from '@poolscope/sizing'
import { type Command, type CommandContext, UsageError } from './command.ts'
import { readArgs } from './read-args.ts'
import { sizeByReplay } from './size-replay.ts'
import { table } from './table.ts'

const DEFAULT_URL = 'http://127.0.0.1:7077'

/** Computes a pool size by the formulas in use, and says which one decides; or by a pool's own traffic. */
export const size: Command = {
  usage: `size [options]
       poolscope size --pool POOL [--url URL] [--json]

  By its own traffic:
  --pool POOL          replay what its probe recorded through other sizes; SERVICE/NAME, or its id
  --url URL            the agent that knows the pool   [${DEFAULT_URL}]

  By the formulas in use:
  --cores N            cores of the database
  --spindles N         its disks that seek at the same time (default 0: all that is read is in memory)
  --wait-ms N          part of a hold in which the database waits, with --service-ms and --cores
  --service-ms N       part of a hold in which it works
  --max-connections N  the server's limit
  --reserved N         slots of it to keep back (default a fifth)
  --instances N        processes with a pool of their own (default 1)
  --json               the same as JSON

Cores, waits and limits are those of the database; all instances share them. The answer is the max of one instance.
Exit code 1: the agent does not answer, or has no record of the pool. 2: an option is missing, wrong or out of range.

Environment: POOLSCOPE_TOKEN, where the agent wants one.`,
  run: runSize,
}

/** Each option with the input that it gives. */
const OPTIONS = {
  cores: 'cores',
  spindles: 'spindles',
  'wait-ms': 'waitMs',
  'service-ms': 'serviceMs',
  'max-connections': 'maxConnections',
  reserved: 'reserved',
  instances: 'instances',
} as const
type Option = keyof typeof OPTIONS
const NAMES = Object.keys(OPTIONS) as Option[]

/** One formula with its answer. */
type FormulaLine = { name: string; formula: string; arithmetic: string; connections: number }

async function runSize(context: CommandContext): Promise<void> {
  const { args, terminal } = context
  const { values, switches } = readArgs(args, [...NAMES, 'pool', 'url'], false, ['json'])
  if (values.pool !== undefined) {
    const other = NAMES.find((name) => values[name] !== undefined)
    if (other !== undefined) throw new UsageError(`Give --pool or --${other}, not both.`)
    const asked = { name: values.pool, url: values.url ?? DEFAULT_URL, json: switches.has('json') }
    await sizeByReplay(asked, context)
    return
  }
  if (values.url !== undefined) throw new UsageError('--url needs --pool.')
  const input = readInput(values)
  const formulas = formulasOf(input)
  const recommendation = recommend(input)
  if (recommendation === null) throw new UsageError('Give --cores or --max-connections, or both.')
  if (switches.has('json')) {
    terminal.print(JSON.stringify({ input: given(input), formulas, recommendation }, null, 2))
    return
  }
  for (const line of report(formulas, recommendation)) terminal.print(line)
}

function readInput(values: Partial<Record<Option, string>>): SizeInput {
  const input: SizeInput = { ...NOTHING_KNOWN }
  for (const option of NAMES) {
    const text = values[option]
    if (text !== undefined) input[OPTIONS[option]] = readNumber(option, text)
  }
  const needs = (option: Option, other: Option) => {
    if (values[option] !== undefined && values[other] === undefined) {
      throw new UsageError(`--${option} needs --${other}.`)
    }
  }
  needs('spindles', 'cores')
  needs('wait-ms', 'service-ms')
  needs('service-ms', 'wait-ms')
  needs('wait-ms', 'cores')
  needs('reserved', 'max-connections')
  const { reserved, maxConnections } = input
  if (reserved !== null && maxConnections !== null && reserved >= maxConnections) {
    throw new UsageError(`--reserved must be below --max-connections (${maxConnections}), not ${reserved}.`)
  }
  return input
}

function readNumber(option: Option, text: string): number {
  try {
    // Number('') and Number('0x10') are numbers too.
    const value = /^-?[\d.]+(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN
    return checkNumber(`--${option}`, value, INPUT_BOUNDS[OPTIONS[option]])
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new UsageError(`${reason.replace(/NaN$/, JSON.stringify(text))}.`)
  }
}

/** The formulas that the input suffices for, each as it stands, whether or not it decides. */
function formulasOf(input: SizeInput): FormulaLine[] {
  const { cores, waitMs, serviceMs, maxConnections } = input
  const instances = input.instances ?? 1
  const lines: FormulaLine[] = []
  if (cores !== null) {
    const spindles = input.spindles ?? 0
    lines.push({
      name: 'cores',
      formula: '(cores x 2) + spindles',
      arithmetic: `(${cores} x 2) + ${spindles}`,
      connections: sizeFromCores(cores, spindles),
    })
  }
  if (cores !== null && waitMs !== null && serviceMs !== null) {
    lines.push({
      name: 'wait',
      formula: 'cores x (1 + wait / service)',
      arithmetic: `${cores} x (1 + ${waitMs} / ${serviceMs})`,
      connections: refusing(() => sizeFromWait(cores, waitMs, serviceMs)),
    })
  }
  if (maxConnections !== null) {
    const share = (reserved: number, formula: string): FormulaLine => ({
      name: 'share',
      formula,
      arithmetic: `(${maxConnections} - ${reserved}) / ${instances}`,
      connections: shareOfLimit(maxConnections, reserved, instances),
    })
    const formula = '(max_connections - reserved) / instances'
    if (input.reserved !== null) lines.push(share(input.reserved, formula))
    else {
      lines.push(share(reserveOf(maxConnections, 0.1), `${formula}, 10 % kept back`))
      lines.push(share(reserveOf(maxConnections, 0.2), `${formula}, 20 % kept back`))
    }
  }
  return lines
}

function refusing(compute: () => number): number {
  try {
    return compute()
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}.`)
  }
}

function report(formulas: readonly FormulaLine[], recommendation: Recommendation): string[] {
  const { max, min, total, binding, reason, changes, assumed } = recommendation
  const rows = formulas.map(({ formula, arithmetic, connections }) => [
    formula,
    arithmetic,
    String(connections),
    max > 0 && connections > 0 ? String(minOf(connections)) : '0',
  ])
  return [
    ...table(['Formula', 'With your numbers', 'Max', 'Min (25 %)'], rows, [2, 3]),
    '',
    `Set max ${max}, min ${min} in each instance; ${total} in all. Decided by: ${binding}.`,
    reason,
    ...(assumed.length > 0 ? [`Assumed: ${assumed.join('; ')}.`] : []),
    ...(changes.length > 0 ? ['', 'What would change it:', ...changes.map((line) => `  ${line}`)] : []),
  ]
}

/** Only what was given. */
function given(input: SizeInput): Partial<SizeInput> {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== null))
}
