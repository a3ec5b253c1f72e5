import type { BudgetLine } from './budget.ts'
import { type Ledger, type LedgerRow, ledgerOf, type WhatIf } from './ledger.ts'

/** One pool group in the ledger of what may happen; a line is null where nothing is known of it. */
export type WhatIfRow<Row extends LedgerRow> = Row & { line: BudgetLine | null }

/** A server's budget with what may happen to its services. */
export type WhatIfBudget<Row extends LedgerRow> = Pick<Ledger, 'rollout' | 'rolloutFits'> & {
  rows: WhatIfRow<Row>[]
  /** The group that adds most in a roll-out; null when none adds any. */
  largest: Row | null
  /** Who would have to give up connections in use, if everything is to fit. */
  losers: WhatIfRow<Row>[]
  /** Whose max is too small for the traffic of the instances that are gone. */
  tooSmall: WhatIfRow<Row>[]
  /** Of whom no instance would be left. */
  nobodyLeft: WhatIfRow<Row>[]
  /**
   * Whether the instances left can take the traffic of those that are gone, where some are left; null when the max or what
   * is in use is not known of a group, and none of the others is too small.
   */
  failoverFits: boolean | null
}

/**
 * Who is meant when a service is rolled out, or instances are gone: {@link ledgerOf} with names.
 * @throws RangeError for a ratio out of its range
 */
export function whatIf<Row extends LedgerRow>(
  budget: { usable: number | null; others: number | null; rows: readonly Row[] },
  ratios: WhatIf,
): WhatIfBudget<Row> {
  const { usable, others, rows } = budget
  const { rollout, rolloutFits, largest, lines } = ledgerOf(usable, others, rows, ratios)
  const all = rows.map((row, index) => ({ ...row, line: lines[index] ?? null }))
  const tooSmall = all.filter(({ line }) => line?.failover.suffices === false)
  const known = all.every(
    ({ line }) => line !== null && (line.failover.suffices !== null || line.failover.replicasLeft === 0),
  )
  return {
    rollout,
    rolloutFits,
    rows: all,
    largest: largest === null ? null : (rows[largest] ?? null),
    losers: all.filter(({ line }) => line !== null && line.loses !== null && line.loses > 0),
    nobodyLeft: all.filter(({ line }) => line?.failover.replicasLeft === 0),
    tooSmall,
    failoverFits: tooSmall.length > 0 ? false : known ? true : null,
  }
}
