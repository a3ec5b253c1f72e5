import {
  minOf,
  reserveOf,
  shareOfLimit,
  sizeFromCores,
  sizeFromWait,
  sizeWithoutDeadlock,
} from './formulas.ts'
import { checkInput } from './input-bounds.ts'

/** What a size is computed from. Null is not known; what it would decide is then left out. */
export type SizeInput = {
  /** Cores of the database. */
  cores: number | null
  /** Disks of the database that seek at the same time; counted as 0 where null. */
  spindles: number | null
  waitMs: number | null
  serviceMs: number | null
  maxConnections: number | null
  /** Slots that the pools must leave; a fifth of `maxConnections` where null. */
  reserved: number | null
  /** Processes with a pool of their own; 1 where null. */
  instances: number | null
  /** Threads of one instance that may ask at the same time, and connections that each holds at once. */
  threads: number | null
  connectionsPerThread: number | null
  /** What the traffic of one instance needs for waits as short as they are meant to be, by a model of queues. */
  trafficNeeds: number | null
  /** What a replay of the recorded traffic of one instance advises; it takes the place of `trafficNeeds`. */
  replayAdvises: number | null
  /** What the max of each instance is now, which only words the reason. */
  presentMax: number | null
}

/** Why a pool should be at least or at most of a size. */
export type BoundCode = 'cores' | 'wait' | 'share' | 'deadlock' | 'traffic' | 'replay'

/** One bound on the size of the pool of one instance. */
export type SizeBound = {
  code: BoundCode
  kind: 'least' | 'most'
  /** For one instance. */
  connections: number
  /** For the whole database, where the formula answers that; null elsewhere. */
  total: number | null
  /** With the numbers put in: `(4 x 2) + 1 = 9`. */
  arithmetic: string
}

/** What is wrong with the best size there is. */
export type SizeProblem = 'no_slot_left' | 'needs_more_than_share' | 'needs_more_than_cores'

/** The size to set, and why. */
export type Recommendation = {
  /** For one instance; 0 when the server has not a slot for each. */
  max: number
  min: number
  /** All instances together. */
  total: number
  /** The bound that decides. */
  binding: BoundCode
  /** All that apply, in the order of {@link BoundCode}. */
  bounds: readonly SizeBound[]
  problem: SizeProblem | null
  /** Why this size, in one sentence. */
  reason: string
  /** What would change the answer, a sentence each. */
  changes: readonly string[]
  /** Inputs that were assumed, with what was assumed. */
  assumed: readonly string[]
}

/** The part of a limit that is kept back unless somebody says how much: the careful end of 10 to 20 %. */
export const DEFAULT_RESERVE_RATIO = 0.2

/**
 * The size of one instance's pool from all that is known, with the bound that decides.
 *
 * Lower bounds come from the traffic and from deadlocks, upper ones from the cores (shared by all instances) and from
 * the server's limit. Without a lower bound the answer is the smallest upper one: a start, to be corrected by what is
 * measured. With one it is the smallest size that suffices. The server's limit is never exceeded; the cores' is, because
 * a hold may wait without using a core.
 * @returns null when nothing is known that would bound a size
 * @throws TypeError or RangeError for an input that cannot be
 * @example recommend({ ...NOTHING_KNOWN, cores: 4, spindles: 1 })?.max // 9
 */
export function recommend(input: SizeInput): Recommendation | null {
  const instances = input.instances === null ? 1 : checkInput('instances', input.instances)
  const bounds = boundsOf(input, instances)
  const upper = smallest(upperOf(bounds))
  const lower = largest(lowerOf(bounds))
  const share = bounds.find(({ code }) => code === 'share') ?? null
  const decided = decide(lower, upper, share)
  if (decided === null) return null
  const { bound, problem } = decided
  const max = bound.connections
  return {
    max,
    min: max === 0 ? 0 : minOf(max),
    total: max * instances,
    binding: bound.code,
    bounds,
    problem,
    reason: reasonOf(bound, problem, lower, input),
    changes: changesOf(input, bound, bounds),
    assumed: assumedOf(input),
  }
}

/** An input of which nothing is known. */
export const NOTHING_KNOWN: SizeInput = {
  cores: null,
  spindles: null,
  waitMs: null,
  serviceMs: null,
  maxConnections: null,
  reserved: null,
  instances: null,
  threads: null,
  connectionsPerThread: null,
  trafficNeeds: null,
  replayAdvises: null,
  presentMax: null,
}

function decide(
  lower: SizeBound | null,
  upper: SizeBound | null,
  share: SizeBound | null,
): { bound: SizeBound; problem: SizeProblem | null } | null {
  if (share !== null && share.connections === 0) return { bound: share, problem: 'no_slot_left' }
  if (lower === null) return upper === null ? null : { bound: upper, problem: null }
  if (share !== null && lower.connections > share.connections) {
    return { bound: share, problem: 'needs_more_than_share' }
  }
  // What a replay advises was judged by holds as they were, with however many cores there are.
  const beyond = lower.code !== 'replay' && upper !== null && lower.connections > upper.connections
  return { bound: lower, problem: beyond ? 'needs_more_than_cores' : null }
}

function boundsOf(input: SizeInput, instances: number): SizeBound[] {
  const { cores, waitMs, serviceMs, maxConnections, threads, connectionsPerThread } = input
  const spindles = input.spindles === null ? 0 : checkInput('spindles', input.spindles)
  const bounds: SizeBound[] = []
  /** Of a size for the whole database; each instance has at least one connection. */
  const shared = (code: BoundCode, total: number, arithmetic: string) => {
    const connections = Math.max(1, Math.floor(total / instances))
    const each = instances === 1 ? '' : `, / ${instances} instances`
    bounds.push({ code, kind: 'most', connections, total, arithmetic: `${arithmetic} = ${total}${each}` })
  }
  if (cores !== null) shared('cores', sizeFromCores(cores, spindles), `(${cores} x 2) + ${spindles}`)
  if (cores !== null && waitMs !== null && serviceMs !== null) {
    shared(
      'wait',
      sizeFromWait(cores, waitMs, serviceMs),
      `${cores} x (1 + ${show(waitMs)} / ${show(serviceMs)})`,
    )
  }
  if (maxConnections !== null) {
    const reserved = input.reserved ?? reserveOf(maxConnections, DEFAULT_RESERVE_RATIO)
    bounds.push({
      code: 'share',
      kind: 'most',
      connections: shareOfLimit(maxConnections, reserved, instances),
      total: maxConnections - reserved,
      arithmetic: `(${maxConnections} - ${reserved}) / ${instances}`,
    })
  }
  if (threads !== null && connectionsPerThread !== null && connectionsPerThread > 1) {
    const connections = sizeWithoutDeadlock(threads, connectionsPerThread)
    const arithmetic = `${threads} x (${connectionsPerThread} - 1) + 1`
    bounds.push({ code: 'deadlock', kind: 'least', connections, total: null, arithmetic })
  }
  const suffices = (code: BoundCode, size: number | null) => {
    if (size === null) return
    const connections = checkInput('poolMax', size)
    bounds.push({ code, kind: 'least', connections, total: null, arithmetic: `${connections}` })
  }
  suffices('traffic', input.trafficNeeds)
  suffices('replay', input.replayAdvises)
  return bounds
}

/** The upper bounds; a measured wait takes the place of the rule of thumb for the same cores. */
function upperOf(bounds: readonly SizeBound[]): SizeBound[] {
  const measured = bounds.some(({ code }) => code === 'wait')
  return bounds.filter(({ kind, code }) => kind === 'most' && !(measured && code === 'cores'))
}

/** The lower bounds; traffic as it was takes the place of a model of it. */
function lowerOf(bounds: readonly SizeBound[]): SizeBound[] {
  const replayed = bounds.some(({ code }) => code === 'replay')
  return bounds.filter(({ kind, code }) => kind === 'least' && !(replayed && code === 'traffic'))
}

function smallest(bounds: readonly SizeBound[]): SizeBound | null {
  return bounds.toSorted((a, b) => a.connections - b.connections)[0] ?? null
}

function largest(bounds: readonly SizeBound[]): SizeBound | null {
  return bounds.toSorted((a, b) => b.connections - a.connections)[0] ?? null
}

const BECAUSE: Readonly<Record<BoundCode, string>> = {
  cores: 'more would not make its cores and disks faster',
  wait: 'with that many its cores are busy while the others wait',
  share: 'the server has no more slots to share out',
  deadlock: 'with fewer, callers that need several connections at once can lock each other out',
  traffic: 'it is the smallest pool in which callers wait no longer than they may',
  replay: 'no smaller pool would have served its recorded traffic as well',
}

function reasonOf(
  bound: SizeBound,
  problem: SizeProblem | null,
  lower: SizeBound | null,
  { instances, presentMax }: SizeInput,
): string {
  const { connections, arithmetic } = bound
  const needs = lower === null ? '' : String(lower.connections)
  if (problem === 'no_slot_left') {
    return `The server has fewer slots than there are instances (${arithmetic}): put a pooler such as PgBouncer in between, or run fewer instances.`
  }
  if (problem === 'needs_more_than_share') {
    return `Set max to ${connections} (${arithmetic}), all that the server's limit leaves, although ${needs} are needed: raise the limit, hold connections for less time, or put a pooler in between.`
  }
  const each = instances === null || instances === 1 ? '' : ' in each instance'
  const beyond =
    problem === 'needs_more_than_cores' ? '; that is more than the cores can work on at once' : ''
  const why = arithmetic === String(connections) ? '' : ` (${arithmetic})`
  const set = connections === presentMax ? 'Leave max at' : 'Set max to'
  return `${set} ${connections}${each}${why}, because ${BECAUSE[bound.code]}${beyond}.`
}

function changesOf(input: SizeInput, bound: SizeBound, bounds: readonly SizeBound[]): string[] {
  const next = smallest(upperOf(bounds).filter(({ code }) => code !== bound.code))
  const changes: string[] = []
  if (next !== null && next.connections > bound.connections && bound.kind === 'most') {
    changes.push(`Without that bound the next one is ${next.connections} (${next.code}: ${next.arithmetic}).`)
  }
  if (input.trafficNeeds === null && input.replayAdvises === null) {
    changes.push(
      'With the arrival rate and the hold time, which the calculator page takes, the answer is what the traffic needs.',
    )
  }
  if (bound.code === 'cores' && (input.waitMs === null || input.serviceMs === null)) {
    changes.push('Give how much of a hold waits and how much works: that replaces the assumed factor of two.')
  }
  if (bound.code === 'share') changes.push('Fewer instances, a higher limit or a pooler in between.')
  if (bound.code === 'traffic')
    changes.push('Shorter holds, less traffic for each instance, or longer waits.')
  if (bound.code === 'replay') changes.push('Shorter holds, or other traffic than what was recorded.')
  if (bound.code === 'deadlock') changes.push('Never hold one connection while asking for another.')
  if (input.maxConnections === null) {
    changes.push("Give the server's max_connections: the size is not held to it yet.")
  }
  return changes
}

function assumedOf(input: SizeInput): string[] {
  const assumed: string[] = []
  if (input.cores !== null && input.spindles === null) assumed.push('no disk that seeks')
  if (input.maxConnections !== null && input.reserved === null) {
    const reserved = reserveOf(input.maxConnections, DEFAULT_RESERVE_RATIO)
    assumed.push(`${reserved} slots kept back, 20 % of the limit`)
  }
  if (input.instances === null) assumed.push('one instance')
  return assumed
}

function show(value: number): string {
  return String(Number(value.toPrecision(6)))
}
