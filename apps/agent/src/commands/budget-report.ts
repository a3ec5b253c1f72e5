import type { BudgetRow, ServerBudget } from '@poolscope/protocol'
import {
  type BudgetProblem,
  budgetOf,
  CAVEAT_TEXTS,
  type WhatIf,
  type WhatIfBudget,
  type WhatIfRow,
  whatIf,
} from '@poolscope/sizing'
import type { DeclaredBudget } from '../config/read-budget.ts'
import { BUDGET_TEXTS } from './budget-texts.ts'
import { table } from './table.ts'

/** What is printed of a server, and whether it holds; null where that cannot be known. */
export type Report = { json: unknown; lines: string[]; fits: boolean | null }

/** What a live server is held to beside the steady state; null: not to that. */
export type Asked = { [ratio in keyof WhatIf]: number | null }

/** A server as the agent sees it now. */
export function ofLive(found: ServerBudget, asked: Asked): Report {
  const { name, usable, worst, others, open, unknown, rows } = found
  const happens = whatIf(found, { surgeRatio: asked.surgeRatio ?? 0, lostRatio: asked.lostRatio ?? 0 })
  const problems = problemsOf(found, happens, asked)
  const fits = verdictOf(found, happens, asked, problems)
  const rollout = asked.surgeRatio === null ? found.rollout : happens.rollout
  const columns = columnsOf(asked)
  const cells = happens.rows.map((row) => [nameOf(row), ...columns.map(([, cell]) => shown(cell(row)))])
  const head = ['Pool', ...columns.map(([title]) => title)]
  const numbers = columns.map((_, index) => index + 1)
  return {
    json: { ...found, problems, whatIf: jsonOf(happens, asked) },
    fits,
    lines: [
      `${name}: ${verdictText(fits)}. If every pool filled up: ${shown(worst)} of ${shown(usable)} usable; in a roll-out: ${shown(rollout)}; open now: ${shown(open)}.`,
      ...(rows.length === 0 ? ['  No pool leads here.'] : indent(table(head, cells, numbers))),
      `  Open beside the pools: ${shown(others)}.`,
      ...(unknown === 0
        ? []
        : [`  ${unknown} of ${rows.length} have no known max, and count as what they have open now.`]),
      ...problemLines(problems),
      ...indent([...rolloutLines(happens, usable, asked), ...failoverLines(happens, asked)]),
    ],
  }
}

function problemsOf({ fits }: ServerBudget, happens: WhatIfBudget<BudgetRow>, asked: Asked): BudgetProblem[] {
  const problems: BudgetProblem[] = []
  if (fits === false) problems.push('over_limit')
  else if (asked.surgeRatio !== null && happens.rolloutFits === false) problems.push('over_limit_in_rollout')
  if (asked.lostRatio !== null && happens.failoverFits === false) problems.push('failover_too_small')
  return problems
}

function verdictOf(
  { fits }: ServerBudget,
  { rolloutFits, failoverFits }: WhatIfBudget<BudgetRow>,
  asked: Asked,
  problems: readonly BudgetProblem[],
): boolean | null {
  if (problems.length > 0) return false
  const held = [
    fits,
    asked.surgeRatio === null ? true : rolloutFits,
    asked.lostRatio === null ? true : failoverFits,
  ]
  return held.includes(null) ? null : true
}

type Column = [title: string, cell: (row: WhatIfRow<BudgetRow>) => number | null]

function columnsOf({ surgeRatio, lostRatio }: Asked): Column[] {
  const rollout: Column = ['Roll-out', ({ line }) => line?.surge ?? null]
  const failover: Column = [goneHead(lostRatio ?? 0), ({ line }) => line?.failover.needsEach ?? null]
  const loses: Column = ['Loses', ({ line }) => line?.loses ?? null]
  return [
    ['Instances', ({ instances }) => instances],
    ['Max', ({ max }) => max],
    ['Declared', ({ declared }) => declared],
    ['In use', ({ inUse }) => inUse],
    ['Open', ({ open }) => open],
    ...(surgeRatio === null ? [] : [rollout]),
    ...(lostRatio === null ? [] : [failover]),
    ['Max to fit', ({ line }) => line?.granted ?? null],
    loses,
  ]
}

function rolloutLines(
  { rollout, rolloutFits, largest, losers }: WhatIfBudget<BudgetRow>,
  usable: number | null,
  { surgeRatio }: Asked,
): string[] {
  const lost = losers.map(
    (row) =>
      `To fit all, ${nameOf(row)} would lose ${shown(row.line?.loses ?? null)} connections that it has in use, in each pool.`,
  )
  if (surgeRatio === null || largest === null) return lost
  const word = rolloutFits === null ? 'not known to fit' : rolloutFits ? 'fits' : 'does not fit'
  return [
    `Roll-out of ${nameOf(largest)}, ${percent(surgeRatio)} more instances: ${shown(rollout)} of ${shown(usable)}, ${word}.`,
    ...lost,
  ]
}

function failoverLines(
  { tooSmall, nobodyLeft, failoverFits }: WhatIfBudget<BudgetRow>,
  { lostRatio }: Asked,
): string[] {
  if (lostRatio === null) return []
  const word = failoverFits === null ? 'not known to be enough' : failoverFits ? 'enough' : 'not enough'
  return [
    `${percent(lostRatio)} of the instances gone: the max of those left is ${word} for what is in use now.`,
    ...tooSmall.map(tooSmallText),
    ...nobodyLeft.map((row) => `No instance of ${nameOf(row)} would be left.`),
  ]
}

function tooSmallText(row: WhatIfRow<BudgetRow>): string {
  const { needsEach, replicasLeft } = row.line?.failover ?? { needsEach: null, replicasLeft: null }
  const short = needsEach === null || row.max === null ? null : needsEach - row.max
  return `${nameOf(row)} needs ${shown(needsEach)} in each of ${shown(replicasLeft)} left, ${shown(short)} more than its max.`
}

function jsonOf(happens: WhatIfBudget<BudgetRow>, asked: Asked): unknown {
  if (asked.surgeRatio === null && asked.lostRatio === null) return null
  const { rollout, rolloutFits, failoverFits, largest, rows } = happens
  const ids = (some: readonly BudgetRow[]) => some.map(({ groupId }) => groupId)
  return {
    ...asked,
    rollout,
    rolloutFits,
    failoverFits,
    largest: largest?.groupId ?? null,
    losers: ids(happens.losers),
    tooSmall: ids(happens.tooSmall),
    nobodyLeft: ids(happens.nobodyLeft),
    rows: rows.map(({ groupId, line }) => ({
      groupId,
      surge: line?.surge ?? null,
      failover: line?.failover ?? null,
      granted: line?.granted ?? null,
      loses: line?.loses ?? null,
    })),
  }
}

/** A server as a file declares it. */
export function ofDeclared({ name, server, services }: DeclaredBudget, lostRatio: number): Report {
  const found = budgetOf(server, services, lostRatio)
  const { usable, limit, steady, rollout, poolerServer, lines, problems, caveats, fits } = found
  const head = [
    'Service',
    'Pools',
    'Each',
    'Declared',
    'Roll-out',
    goneHead(lostRatio),
    'Each to fit',
    'Loses',
  ]
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
      `${name}: ${verdictText(fits)}. ${steady} declared, ${rollout} in a roll-out, of ${limit}.${over}`,
      ...indent(table(head, cells, [1, 2, 3, 4, 5, 6, 7])),
      ...problemLines(problems),
      ...caveats.map((caveat) => `  note: ${CAVEAT_TEXTS[caveat]}`),
    ],
  }
}

function problemLines(problems: readonly BudgetProblem[]): string[] {
  return problems.map((problem) => `  ${problem}: ${BUDGET_TEXTS[problem]}`)
}

function verdictText(fits: boolean | null): string {
  return fits === true ? 'fits' : fits === false ? 'DOES NOT FIT' : 'cannot be known to fit'
}

const nameOf = ({ service, name }: BudgetRow) => `${service} / ${name}`

const percent = (ratio: number) => `${Math.round(ratio * 1000) / 10} %`

const goneHead = (lostRatio: number) => `${percent(lostRatio)} gone`

function shown(value: number | null): string {
  return value === null ? '—' : String(value)
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`)
}
