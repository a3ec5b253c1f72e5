import { checkNumber } from './check-number.ts'
import { INPUT_BOUNDS } from './input-bounds.ts'
import {
  POOLER_CAVEATS,
  type PoolerCaveat,
  type PoolerSettings,
  poolerServerConnections,
} from './pgbouncer.ts'

/** What one service may open on a server. */
export type BudgetService = {
  name: string
  replicas: number
  /** Processes of a replica, each with a pool of its own. */
  processes: number
  /** Connections that each pool may open. */
  max: number
  /** Connections beyond `max` that it may open for a while, as SQLAlchemy's `max_overflow`. */
  overflow: number
  /** Connections that each pool keeps open; null when not known. */
  min: number | null
  /** Replicas that run on top while a new version is rolled out. */
  surge: number
  /** Connections that each pool needs at its peak; null when not known. */
  needs: number | null
}

/** The server that services share, and the pooler before it. */
export type BudgetServer = {
  maxConnections: number
  reserved: number
  /** Null when services connect to the server itself. */
  pooler: PoolerSettings | null
}

/** Why a budget does not fit. Each stands in the documentation. */
export const BUDGET_PROBLEMS = [
  'no_slot_each',
  'over_limit',
  'over_limit_in_rollout',
  'pooler_over_server',
  'session_pooling_waits',
  'failover_too_small',
] as const
export type BudgetProblem = (typeof BUDGET_PROBLEMS)[number]

/** What one service has in the ledger, in connections. */
export type BudgetLine = {
  name: string
  /** Processes with a pool: replicas x processes. */
  pools: number
  /** Most that each pool may open: max + overflow. */
  each: number
  /** pools x each */
  declared: number
  /** pools x min: what it holds around the clock; null when not known. */
  floor: number | null
  /** What its surge adds while it is rolled out. */
  surge: number
  /** When that share of the replicas, rounded up, is gone. */
  failover: { replicasLeft: number; needsEach: number | null; suffices: boolean | null }
  /** Most for each pool with which all services fit; null when not even one each does. */
  granted: number | null
  /** How many of what each pool needs are not granted; null when nothing can be granted. */
  loses: number | null
}

/** A server's connections, shared out. */
export type Budget = {
  /** Connections that the services share: the server's usable ones, or the pooler's clients. */
  limit: number
  /** What the server leaves after the reserve. */
  usable: number
  /** When every pool is full. */
  steady: number
  /** When every pool is full and the service with the largest surge is rolled out. */
  rollout: number
  /** What the pooler opens at most; null without one. */
  poolerServer: number | null
  caveats: readonly PoolerCaveat[]
  lines: readonly BudgetLine[]
  problems: readonly BudgetProblem[]
  fits: boolean
}

/** One of two sites is gone, or one of two zones. */
const HALF = 0.5

/**
 * The ledger of a server: what each service may open, in a roll-out too, what fits, and who must give something up.
 *
 * One service is rolled out at a time. When all of it does not fit, sizes shrink first to what each service needs, and
 * then below that, all by the same part; no pool gets less than one connection.
 * @param lostRatio share of each service's replicas that may be gone at once, 0 to 0.99
 * @throws TypeError or RangeError that names service and number
 * @example budgetOf(server, [{ name: 'web', replicas: 3, processes: 1, max: 20, overflow: 0, min: null, surge: 0, needs: null }]).steady // 60
 */
export function budgetOf(
  server: BudgetServer,
  services: readonly BudgetService[],
  lostRatio: number = HALF,
): Budget {
  checkNumber('lostRatio', lostRatio, { min: 0, max: 0.99 })
  for (const service of services) checkService(service)
  const { usable, limit, poolerServer } = limitsOf(server)
  const sizes = services.map(({ max, overflow }) => max + overflow)
  const steady = steadyOf(services, sizes)
  const rollout = rolloutOf(services, sizes)
  const granted = share(services, limit)
  const lines = services.map((service, index) => lineOf(service, granted?.[index] ?? null, lostRatio))
  const problems = problemsOf(server, { limit, usable, steady, rollout, poolerServer, lines, granted })
  return {
    limit,
    usable,
    steady,
    rollout,
    poolerServer,
    caveats: server.pooler === null ? [] : POOLER_CAVEATS[server.pooler.mode],
    lines,
    problems,
    fits: problems.length === 0,
  }
}

function limitsOf({ maxConnections, reserved, pooler }: BudgetServer) {
  checkNumber('maxConnections', maxConnections, INPUT_BOUNDS.maxConnections)
  checkNumber('reserved', reserved, { ...INPUT_BOUNDS.reserved, max: maxConnections - 1 })
  const usable = maxConnections - reserved
  if (pooler === null) return { usable, limit: usable, poolerServer: null }
  checkNumber('maxClientConn', pooler.maxClientConn, INPUT_BOUNDS.maxConnections)
  return { usable, limit: pooler.maxClientConn, poolerServer: poolerServerConnections(pooler) }
}

function checkService(service: BudgetService): void {
  const { name, replicas, processes, max, overflow, min, surge, needs } = service
  const check = (what: string, value: number, bounds: { min: number; max: number; unit?: string }) =>
    checkNumber(`${name}: ${what}`, value, { ...bounds, whole: true })
  check('replicas', replicas, INPUT_BOUNDS.instances)
  check('processes', processes, INPUT_BOUNDS.processes)
  check('max', max, INPUT_BOUNDS.poolMax)
  check('overflow', overflow, { ...INPUT_BOUNDS.poolMax, min: 0 })
  check('surge', surge, { ...INPUT_BOUNDS.instances, min: 0 })
  if (min !== null) check('min', min, { min: 0, max: max + overflow, unit: 'connections' })
  if (needs !== null) check('needs', needs, INPUT_BOUNDS.poolMax)
}

function lineOf(service: BudgetService, granted: number | null, lostRatio: number): BudgetLine {
  const { name, replicas, processes, max, overflow, min, surge, needs } = service
  const pools = replicas * processes
  const each = max + overflow
  // The ninth decimal takes back what binary fractions add: 0.3 of 10 is 3 gone.
  const replicasLeft = Math.floor(replicas * (1 - lostRatio) + 1e-9)
  const needsEach = needs === null || replicasLeft === 0 ? null : Math.ceil((needs * replicas) / replicasLeft)
  return {
    name,
    pools,
    each,
    declared: pools * each,
    floor: min === null ? null : pools * min,
    surge: surge * processes * each,
    failover: { replicasLeft, needsEach, suffices: needsEach === null ? null : needsEach <= each },
    granted,
    loses: granted === null ? null : Math.max(0, neededOf(service) - granted),
  }
}

/** What a pool must not lose: what it needs, or all that is declared where nobody said. */
function neededOf({ max, overflow, needs }: BudgetService): number {
  return Math.min(max + overflow, needs ?? max + overflow)
}

function steadyOf(services: readonly BudgetService[], sizes: readonly number[]): number {
  return services.reduce(
    (sum, { replicas, processes }, index) => sum + replicas * processes * (sizes[index] as number),
    0,
  )
}

/** One service is rolled out at a time: the one that adds most. */
function rolloutOf(services: readonly BudgetService[], sizes: readonly number[]): number {
  const surges = services.map(({ surge, processes }, index) => surge * processes * (sizes[index] as number))
  return steadyOf(services, sizes) + Math.max(0, ...surges)
}

/**
 * Sizes with which everything fits, a roll-out too.
 * @returns null when not even one connection for each pool does
 */
function share(services: readonly BudgetService[], limit: number): number[] | null {
  const fits = (sizes: readonly number[]) => rolloutOf(services, sizes) <= limit
  const least = services.map(() => 1)
  const needed = services.map(neededOf)
  const declared = services.map(({ max, overflow }) => max + overflow)
  if (fits(declared)) return declared
  if (!fits(least)) return null
  const [from, to] = fits(needed) ? [needed, declared] : [least, needed]
  return topUp(between(from, to, fits), to, fits)
}

/** As far from `from` to `to` as fits, all by the same part. */
function between(
  from: readonly number[],
  to: readonly number[],
  fits: (sizes: readonly number[]) => boolean,
): number[] {
  const at = (ratio: number) =>
    from.map((size, index) => size + Math.floor(((to[index] as number) - size) * ratio))
  let [low, high] = [0, 1]
  // Thirty halvings tell any two whole sizes below a million apart.
  for (let step = 0; step < 30; step++) {
    const middle = (low + high) / 2
    if (fits(at(middle))) low = middle
    else high = middle
  }
  return at(low)
}

/** Gives what rounding left over, one connection for each pool at a time, to whoever lacks the largest part. */
function topUp(
  sizes: readonly number[],
  to: readonly number[],
  fits: (sizes: readonly number[]) => boolean,
): number[] {
  const result = [...sizes]
  const lacking = (index: number) => 1 - (result[index] as number) / (to[index] as number)
  const order = result.map((_, index) => index).toSorted((a, b) => lacking(b) - lacking(a))
  for (const index of order) {
    if ((result[index] as number) >= (to[index] as number)) continue
    result[index] = (result[index] as number) + 1
    if (!fits(result)) result[index] = (result[index] as number) - 1
  }
  return result
}

function problemsOf(
  { pooler }: BudgetServer,
  facts: Pick<Budget, 'limit' | 'usable' | 'steady' | 'rollout' | 'poolerServer' | 'lines'> & {
    granted: readonly number[] | null
  },
): BudgetProblem[] {
  const { limit, usable, steady, rollout, poolerServer, lines, granted } = facts
  const found: Record<BudgetProblem, boolean> = {
    no_slot_each: granted === null,
    over_limit: steady > limit,
    over_limit_in_rollout: steady <= limit && rollout > limit,
    pooler_over_server: poolerServer !== null && poolerServer > usable,
    session_pooling_waits: pooler?.mode === 'session' && poolerServer !== null && rollout > poolerServer,
    failover_too_small: lines.some(({ failover }) => failover.suffices === false),
  }
  return BUDGET_PROBLEMS.filter((problem) => found[problem])
}
