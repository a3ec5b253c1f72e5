import { type BudgetLine, type BudgetService, budgetOf } from './budget.ts'
import { checkNumber } from './check-number.ts'

/** What one pool group has on a server now; null where it is not known. */
export type LedgerRow = {
  service: string
  name: string
  instances: number
  /** Most that each instance may open. */
  max: number | null
  /** Sum of max over the instances. */
  declared: number | null
  inUse: number | null
  open: number | null
}

/** What may happen to the services of a server. */
export type WhatIf = {
  /** Instances that run on top while a group is rolled out, of those it has: 0 to 1. One group at a time. */
  surgeRatio: number
  /** Instances of each group that are gone while the others take their traffic: 0 to 0.99. */
  lostRatio: number
}

/** A server's connections as they are declared now, and what may happen to them. */
export type Ledger = {
  /** When every pool is full and the group that adds most is rolled out; null when not known. */
  rollout: number | null
  /** Whether that fits; null when it cannot be known. */
  rolloutFits: boolean | null
  /** The row of the group that adds most; null when none adds any. */
  largest: number | null
  /** For each row; null where its max is not known, or where nothing can be shared out. */
  lines: (BudgetLine | null)[]
}

/**
 * The ledger of a live server. Groups whose max is not known count as what they have open, and so do the connections
 * beside the pools; what the others need each is what they have in use now.
 * @param usable connections that ordinary users can have
 * @param others open ones that belong to no pool
 * @throws RangeError for a ratio out of its range
 * @example ledgerOf(97, 1, [{ ...checkout, instances: 2, max: 40, declared: 80 }], { surgeRatio: 1, lostRatio: 0.5 }).rollout // 161
 */
export function ledgerOf(
  usable: number | null,
  others: number | null,
  rows: readonly LedgerRow[],
  { surgeRatio, lostRatio }: WhatIf,
): Ledger {
  checkNumber('surgeRatio', surgeRatio, { min: 0, max: 1 })
  const services: BudgetService[] = []
  const places = rows.map(({ service, name, instances, max, declared, inUse }) => {
    if (declared === null || max === null || max === 0) return null
    return (
      services.push({
        name: `${service} / ${name}`,
        replicas: instances,
        processes: 1,
        max,
        overflow: 0,
        min: null,
        surge: Math.ceil(instances * surgeRatio),
        needs: inUse === null ? null : Math.max(1, Math.ceil(inUse / instances)),
      }) - 1
    )
  })
  const unbounded = openOfUnbounded(rows)
  if (others === null || unbounded === null) {
    return { rollout: null, rolloutFits: null, largest: null, lines: rows.map(() => null) }
  }
  const left = usable === null ? null : usable - others - unbounded
  // Sums do not depend on the limit: with none known, or none left, one connection stands in for it.
  const budget = budgetOf(
    { maxConnections: Math.max(1, left ?? 1), reserved: 0, pooler: null },
    services,
    lostRatio,
  )
  const rollout = others + unbounded + budget.rollout
  const lines = places.map((place) =>
    place === null || left === null ? null : lineAt(budget.lines, place, left),
  )
  const surges = places.map((place) => (place === null ? 0 : (budget.lines[place]?.surge ?? 0)))
  const most = Math.max(0, ...surges)
  const unknown = places.includes(null)
  return {
    rollout,
    rolloutFits: usable === null ? null : rollout > usable ? false : unknown ? null : true,
    largest: most === 0 ? null : surges.indexOf(most),
    lines,
  }
}

/** Nothing is granted where nothing is left. */
function lineAt(lines: readonly BudgetLine[], place: number, left: number): BudgetLine | null {
  const line = lines[place] ?? null
  return line === null || left >= 1 ? line : { ...line, granted: null, loses: null }
}

/** What the groups without a known max have open; null when that is not known of one. */
function openOfUnbounded(rows: readonly LedgerRow[]): number | null {
  let sum = 0
  for (const { declared, open } of rows) {
    if (declared !== null) continue
    if (open === null) return null
    sum += open
  }
  return sum
}
