import type { BudgetRow, ServerBudget } from '@poolscope/protocol'
import { type BudgetLine, checkNumber, type Ledger, ledgerOf } from '@poolscope/sizing'

/** A share as it was typed. */
export type Percent = { value: number | null; error: string | null }

/** Reads a share in per cent, 0 to `max`. */
export function readPercent(label: string, text: string, max: number): Percent {
  try {
    const value = /^\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : Number.NaN
    return { value: checkNumber(label, value, { min: 0, max, unit: '%' }), error: null }
  } catch {
    return { value: null, error: `${label} must be from 0 to ${max} %.` }
  }
}

/** One pool group in the ledger of what may happen; a line is null where nothing is known of it. */
export type WhatIfRow = BudgetRow & { line: BudgetLine | null }

/** A server's budget with what may happen to its services. */
export type WhatIfBudget = Pick<Ledger, 'rollout' | 'rolloutFits'> & {
  rows: WhatIfRow[]
  /** The group that adds most in a roll-out. */
  largest: BudgetRow | null
  /** Who would have to give up connections in use, if everything is to fit. */
  losers: WhatIfRow[]
  /** Whose max is too small for the traffic of the instances that are gone. */
  tooSmall: WhatIfRow[]
  /** Of whom no instance would be left. */
  nobodyLeft: WhatIfRow[]
}

/** @param surge, lost per cent of the instances of each group */
export function whatIf(budget: ServerBudget, surge: number, lost: number): WhatIfBudget {
  const { usable, others, rows } = budget
  const ratios = { surgeRatio: surge / 100, lostRatio: lost / 100 }
  const { rollout, rolloutFits, largest, lines } = ledgerOf(usable, others, rows, ratios)
  const all = rows.map((row, index) => ({ ...row, line: lines[index] ?? null }))
  return {
    rollout,
    rolloutFits,
    rows: all,
    largest: largest === null ? null : (rows[largest] ?? null),
    losers: all.filter(({ line }) => line !== null && line.loses !== null && line.loses > 0),
    nobodyLeft: all.filter(({ line }) => line?.failover.replicasLeft === 0),
    tooSmall: all.filter(({ line }) => line?.failover.suffices === false),
  }
}
