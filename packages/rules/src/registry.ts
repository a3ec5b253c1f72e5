import type { GroupRule, ServerRule } from './rule.ts'
import { budget } from './rules/budget.ts'
import { churn } from './rules/churn.ts'
import { connectStorm } from './rules/connect-storm.ts'
import { errors } from './rules/errors.ts'
import { errorsAfterFailover } from './rules/errors-after-failover.ts'
import { exhaustion } from './rules/exhaustion.ts'
import { exhaustionForecast } from './rules/exhaustion-forecast.ts'
import { heldDuringIo } from './rules/held-during-io.ts'
import { idleAboveHalf } from './rules/idle-above-half.ts'
import { idleInTransaction } from './rules/idle-in-transaction.ts'
import { ignoredOption } from './rules/ignored-option.ts'
import { leak } from './rules/leak.ts'
import { leakSlope } from './rules/leak-slope.ts'
import { limitsNear } from './rules/limits-near.ts'
import { limitsUnset } from './rules/limits-unset.ts'
import { lockBlocked } from './rules/lock-blocked.ts'
import { noAcquireTimeout } from './rules/no-acquire-timeout.ts'
import { noIdleTimeout } from './rules/no-idle-timeout.ts'
import { noProbe } from './rules/no-probe.ts'
import { noStatementTimeout } from './rules/no-statement-timeout.ts'
import { oversizedPool } from './rules/oversized-pool.ts'
import { poolInPool } from './rules/pool-in-pool.ts'
import { poolMin } from './rules/pool-min.ts'
import { poolerHelps } from './rules/pooler-helps.ts'
import { poolerSaturated } from './rules/pooler-saturated.ts'
import { poolerWait } from './rules/pooler-wait.ts'
import { reportsLost } from './rules/reports-lost.ts'
import { reserve } from './rules/reserve.ts'
import { retryStorm } from './rules/retry-storm.ts'
import { serverBusy } from './rules/server-busy.ts'
import { serverLost } from './rules/server-lost.ts'
import { serverNearLimit } from './rules/server-near-limit.ts'
import { slowStatements } from './rules/slow-statements.ts'
import { stuck } from './rules/stuck.ts'
import { timeoutLadder } from './rules/timeout-ladder.ts'
import { timeouts } from './rules/timeouts.ts'
import { unnamedSessions } from './rules/unnamed-sessions.ts'
import { utilization } from './rules/utilization.ts'
import { wait } from './rules/wait.ts'
import { waiters } from './rules/waiters.ts'

/** Rules about pool groups, in the order of the guide. */
export const GROUP_RULES: readonly GroupRule[] = [
  exhaustion,
  stuck,
  waiters,
  wait,
  timeouts,
  utilization,
  errors,
  errorsAfterFailover,
  retryStorm,
  leak,
  leakSlope,
  idleInTransaction,
  heldDuringIo,
  churn,
  poolerWait,
  poolerSaturated,
  reportsLost,
  idleAboveHalf,
  ignoredOption,
  noAcquireTimeout,
  noIdleTimeout,
  noProbe,
  oversizedPool,
  poolMin,
  timeoutLadder,
]

/** Rules about servers, in the order of the guide. */
export const SERVER_RULES: readonly ServerRule[] = [
  serverLost,
  serverNearLimit,
  limitsNear,
  serverBusy,
  lockBlocked,
  slowStatements,
  connectStorm,
  exhaustionForecast,
  budget,
  limitsUnset,
  noStatementTimeout,
  poolInPool,
  poolerHelps,
  reserve,
  unnamedSessions,
]

/** Every rule. */
export const RULES: readonly (GroupRule | ServerRule)[] = [...GROUP_RULES, ...SERVER_RULES]

/** Where the guide tells of a rule, below `docs/`. */
export function guideOf({ id }: { id: string }): string {
  return `rules.md#${id}`
}
