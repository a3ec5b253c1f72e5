import type { Cause, Fact } from '@poolscope/protocol'
import { idleInTransaction, siteOf, spentOn, suspects } from './holders.ts'
import { fresh, isClientPool, isKept, isStill, known, of, quantile, unmeasured } from './pools.ts'
import { fact } from './rule.ts'
import { usable } from './servers.ts'
import type { GroupWindow } from './windows.ts'
import { duration, many, percent, perSec } from './words.ts'

/** Limits of the verdict. Each is a share or ms. */
const LIMITS = {
  longWaitMs: 100,
  fullRatio: 0.95,
  idleInTransactionMs: 10_000,
  inHandRatio: 0.5,
  busyRatio: 0.8,
  /** Times the usual hold. */
  slowTimes: 2,
  /** A hold is slow from here where nothing is known of the usual one. */
  slowMs: 1000,
  saturatedRatio: 0.9,
  activeRatio: 0.6,
  churnRatio: 0.1,
  leastHolders: 3,
} as const

type Found = Pick<Cause, 'cause' | 'sentence'> & { facts: Fact[]; holders?: Cause['evidence']['holders'] }

/**
 * Why callers of a pool group wait, or would: one sentence with its evidence. The first that the evidence
 * carries wins, deepest first, because a leak also looks undersized.
 */
export function causeOf(window: GroupWindow): Cause {
  const { cause, sentence, facts, holders } = find(window)
  return { subject: window.group.id, cause, sentence, evidence: { facts, holders: holders ?? [] } }
}

function find(window: GroupWindow): Found {
  if (isKept(window)) return ofPooler(window)
  const blind = unmeasured(window)
  if (blind !== null) return { cause: 'unknown', sentence: blind.sentence, facts: [] }
  for (const look of [leaking, locked]) {
    const result = look(window)
    if (result !== null) return result
  }
  if (!isTroubled(window)) return calm(window)
  for (const look of [boundByPooler, churning, inHand, saturated, slow, still, undersized]) {
    const result = look(window)
    if (result !== null) return result
  }
  return {
    cause: 'unknown',
    sentence: 'Callers wait, and what is known does not say why.',
    facts: load(window),
  }
}

/** Callers wait, or are about to. */
function isTroubled({ group }: GroupWindow): boolean {
  const { waiting, waitMs, timeoutsPerSec, utilizationRatio } = group
  return (
    above(waiting, 0) ||
    above(waitMs.p95, LIMITS.longWaitMs) ||
    above(timeoutsPerSec, 0) ||
    above(utilizationRatio, LIMITS.fullRatio)
  )
}

function leaking({ holders, group }: GroupWindow): Found | null {
  const suspected = suspects(holders)
  const [first] = suspected
  if (first === undefined) return null
  const site = siteOf(first)
  return {
    cause: 'leak',
    sentence: `${many(suspected.length, 'connection is', 'connections are')} held and not used, the longest for ${duration(first.heldMs)}${site === null ? '' : `, taken at ${site}`}.`,
    facts: [
      fact('suspects', suspected.length),
      fact('longest held', first.heldMs, 'ms'),
      fact('max', group.max),
    ],
    holders: suspected.slice(0, 20),
  }
}

function locked({ holders, sessions }: GroupWindow): Found | null {
  const stuck = holders.filter((holder) => spentOn(holder) === 'blocked')
  const waiting = sessions.filter(
    ({ state, waitEventType }) => state === 'active' && waitEventType === 'Lock',
  )
  const count = Math.max(stuck.length, waiting.length)
  const open = idleInTransaction(sessions).filter(({ idleMs }) => idleMs > LIMITS.idleInTransactionMs)
  if (count === 0 && open.length === 0) return null
  const by = stuck.find(({ blockedBy }) => blockedBy !== undefined && blockedBy !== null)?.blockedBy ?? null
  const who =
    by === null ? '' : ` behind session ${by.sessionPid}${by.service === null ? '' : ` of ${by.service}`}`
  return {
    cause: 'lock',
    sentence:
      count > 0
        ? `${many(count, 'connection waits', 'connections wait')} for a lock${who}.`
        : `A transaction has idled for ${duration((open[0] as { idleMs: number }).idleMs)} and keeps its locks.`,
    facts: [
      fact('waiting for a lock', count),
      fact('idle in transaction', open.length),
      fact('blocked by session', by?.sessionPid ?? null),
    ],
    holders: stuck.slice(0, 20),
  }
}

/** The narrow place is the pooler behind this pool: its clients queue, and callers here do not. */
function boundByPooler({ group, server, neighbours }: GroupWindow): Found | null {
  if (server === null || server.system !== 'pgbouncer' || above(group.waiting, 0)) return null
  const narrow = neighbours.find((kept) => isKept({ group: kept }) && above(kept.waiting, 0))
  return narrow === undefined ? null : pooler(narrow)
}

function ofPooler({ group }: GroupWindow): Found {
  if (group.stale) return { cause: 'unknown', sentence: 'Samples of the pooler stopped.', facts: [] }
  if (above(group.waiting, 0)) return pooler(group)
  return {
    cause: 'healthy',
    sentence: 'No client waits in the pooler.',
    facts: [fact('in use', group.inUse), fact('pool size', group.max)],
  }
}

function pooler(group: GroupWindow['group']): Found {
  const full = group.max !== null && group.inUse !== null && group.inUse >= group.max
  return {
    cause: 'pooler_bound',
    sentence: full
      ? `All ${group.max} server connections of the pooler are in use while ${many(group.waiting as number, 'client waits', 'clients wait')}.`
      : `${many(group.waiting as number, 'client waits', 'clients wait')} in the pooler, though it has server connections left: the database is paused, at a limit, or refuses logins.`,
    facts: [
      fact('waiting', group.waiting),
      fact('oldest wait', group.oldestWaitMs, 'ms'),
      fact('in use', group.inUse),
      fact('pool size', group.max),
    ],
  }
}

function churning({ group }: GroupWindow): Found | null {
  const { createdPerSec, checkoutsPerSec, inUse, max, createMs, waitMs } = group
  if (createdPerSec === null || checkoutsPerSec === null || checkoutsPerSec === 0) return null
  const room = max === null || inUse === null || inUse < max
  const costly = createMs.p95 !== null && waitMs.p95 !== null && createMs.p95 >= waitMs.p95 / 2
  if (!room || !costly || createdPerSec < checkoutsPerSec * LIMITS.churnRatio) return null
  return {
    cause: 'churn',
    sentence: `Callers wait for connections to be opened: ${perSec(createdPerSec)}, at ${duration(createMs.p95 as number)} each, for ${perSec(checkoutsPerSec)} uses.`,
    facts: [
      fact('opened', createdPerSec, 'perSec'),
      fact('create p95', createMs.p95, 'ms'),
      fact('wait p95', waitMs.p95, 'ms'),
    ],
  }
}

function inHand(window: GroupWindow): Found | null {
  const { share, holders, counted } = spending(window, 'in hand')
  if (share === null || share <= LIMITS.inHandRatio) return null
  return {
    cause: 'held_during_io',
    sentence: `${percent(share)} of the held connections run nothing: their callers do something else meanwhile.`,
    facts: [fact('held and not used', share, 'ratio'), fact('held and known', counted), ...load(window)],
    holders: holders.slice(0, 20),
  }
}

/** The server is at its end, or the pools of several services wait at once. */
function saturated({ server, neighbours, group }: GroupWindow): Found | null {
  if (server === null) return null
  const limit = usable(server)
  const { active, total } = server.connections
  const facts = [fact('active', active), fact('taken', total), fact('usable', limit)]
  if (limit !== null && above(total, limit * LIMITS.saturatedRatio)) {
    return {
      cause: 'database_saturated',
      sentence: `The server has ${total} of ${limit} connections taken.`,
      facts,
    }
  }
  if (limit !== null && above(active, limit * LIMITS.activeRatio)) {
    return { cause: 'database_saturated', sentence: `${active} sessions of the server work at once.`, facts }
  }
  const others = neighbours.filter(
    ({ origin, stale, checkoutsPerSec }) => origin === 'probe' && !stale && above(checkoutsPerSec, 0),
  )
  const waiting = others.filter(
    ({ waiting, waitMs }) => above(waiting, 0) || above(waitMs.p95, LIMITS.longWaitMs),
  )
  if (others.length < 2 || waiting.length < others.length) return null
  return {
    cause: 'database_saturated',
    sentence: `The callers of all ${others.length + 1} pools of the server wait at once.`,
    facts: [...facts, fact('pools that wait', waiting.length + 1), fact('hold p95', group.holdMs.p95, 'ms')],
  }
}

function slow(window: GroupWindow): Found | null {
  const { share, holders } = spending(window, 'busy')
  // Where nothing comes back no hold has ended: those that go on, and what is known of them, are all there is to go by.
  const isStuck = stillPools(window).length > 0
  const p95 = isStuck ? longestHeld(window) : window.group.holdMs.p95
  if (p95 === null) return null
  const usual = quantile(known(window.day, 'holdP95Ms'), 0.5)
  const isSlow = usual === null ? p95 > LIMITS.slowMs : p95 > usual * LIMITS.slowTimes
  if (!isSlow || (share === null ? isStuck : share < LIMITS.busyRatio)) return null
  const statement = mostFrequent(holders.flatMap(({ lastStatement }) => lastStatement ?? []))
  return {
    cause: 'slow_query',
    sentence: `Connections are held for ${duration(p95)}${usual === null ? '' : ` instead of ${duration(usual)}`}, and the database works on them${statement === null ? '' : `: ${statement}`}.`,
    facts: [
      fact('hold p95', p95, 'ms'),
      fact('usual hold p95', usual, 'ms'),
      fact('working', share, 'ratio'),
      fact('statement', statement, 'text'),
    ],
    holders: holders.slice(0, 20),
  }
}

/** Nothing comes back, and nobody tells why: a larger pool would fill up as well. */
function still(window: GroupWindow): Found | null {
  const [pool, ...more] = stillPools(window)
  if (pool === undefined) return null
  return {
    cause: 'unknown',
    sentence: `Nothing comes back${of(pool, window)}: all ${pool.max} connections are in use and none was handed out. What they are held for cannot be seen.`,
    facts: [fact('stuck instances', more.length + 1), ...load(window)],
    holders: window.holders.slice(0, 20),
  }
}

function stillPools(window: GroupWindow) {
  return fresh(window).filter(isStill)
}

function longestHeld({ holders }: GroupWindow): number | null {
  return holders.length === 0 ? null : Math.max(...holders.map(({ heldMs }) => heldMs))
}

function undersized(window: GroupWindow): Found | null {
  const { group } = window
  const full = window.pools.some(
    ({ inUsePeak, inUse, max, stale }) =>
      !stale && max !== null && (above(inUsePeak, max - 1) || above(inUse, max - 1)),
  )
  if (!full) return null
  return {
    cause: 'undersized',
    sentence: `Every connection is used and comes back as fast as usual${group.holdMs.p95 === null ? '' : ` (hold p95 ${duration(group.holdMs.p95)})`}: the pool is too small for the load.`,
    facts: load(window),
  }
}

/** Nobody waits now: what was there in the last minutes? */
function calm(window: GroupWindow): Found {
  const peak = Math.max(0, ...known(window.recent, 'waitingPeak'))
  const longest = Math.max(0, ...known(window.recent, 'waitMaxMs'))
  if (peak > 0 && longest > LIMITS.longWaitMs) {
    return {
      cause: 'burst',
      sentence: `Up to ${many(peak, 'caller')} waited in the last minutes, for at most ${duration(longest)}; it recovered by itself.`,
      facts: [fact('waited at once', peak), fact('longest wait', longest, 'ms')],
    }
  }
  return { cause: 'healthy', sentence: 'Nobody waits, and connections come back.', facts: load(window) }
}

function spending(window: GroupWindow, kind: 'busy' | 'in hand') {
  const spent = window.holders
    .map((holder) => ({ holder, on: spentOn(holder) }))
    .filter(({ on }) => on !== null)
  const matching = spent.filter(({ on }) => on === kind).map(({ holder }) => holder)
  const enough = spent.length >= LIMITS.leastHolders && isClientPool(window)
  return { share: enough ? matching.length / spent.length : null, holders: matching, counted: spent.length }
}

function load({ group }: GroupWindow): Fact[] {
  return [
    fact('in use', group.inUse),
    fact('max', group.max),
    fact('waiting', group.waiting),
    fact('wait p95', group.waitMs.p95, 'ms'),
    fact('hold p95', group.holdMs.p95, 'ms'),
  ]
}

function mostFrequent(texts: readonly string[]): string | null {
  const counts = new Map<string, number>()
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1)
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? null
}

function above(value: number | null, limit: number): boolean {
  return value !== null && value > limit
}
