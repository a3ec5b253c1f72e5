import type { BudgetProblem } from '@poolscope/sizing'

/** Why a budget does not fit, in a sentence each. */
export const BUDGET_TEXTS: Readonly<Record<BudgetProblem, string>> = {
  no_slot_each: 'There are more pools than connections: put a pooler in between, or run fewer.',
  over_limit: 'If every pool filled up, the server would refuse connections.',
  over_limit_in_rollout: 'It fits until a service is rolled out, when old and new instances run together.',
  pooler_over_server: 'The pooler may open more than the server leaves: lower default_pool_size.',
  session_pooling_waits:
    'With session pooling more clients than server connections wait until others disconnect.',
  failover_too_small:
    'With so many of its instances gone, the pools of a service are too small for its traffic.',
}
