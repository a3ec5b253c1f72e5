import type {
  Annotation,
  Knob as KnobAnswer,
  KnobChange,
  KnobRequest,
  Level,
  PoolReport,
  Report,
  ReportReply,
} from '@poolscope/protocol'
import { RULES } from '@poolscope/rules'
import type { Fleet } from '../fleet/fleet.ts'
import type { PoolEntry } from '../fleet/pool-entry.ts'
import { serverBudget } from '../fleet/server-budget.ts'
import { Change, type Target } from './change.ts'
import { badness, isBusier, TRIAL, whatIsWorse } from './judge.ts'
import { measureOf } from './measure.ts'

/** A process that hears nothing of the agent for so long goes back to its own limits. */
const WISH_MS = 30_000
/** A process hears of a wish with its next report, a second later; one that has not done it by then does not do it. */
const APPLY_WITHIN_MS = 30_000
/** Its processes have not reported for so long: they are gone, and what they began with is what they begin with again. */
const GONE_AFTER_MS = 60_000
/** What is over is shown for a day. */
const SHOWN_MS = 86_400_000
/** Rules that a larger pool can bring to fire on its server. */
const SERVER_RULES = ['server-near-limit', 'limits-near', 'exhaustion-forecast']
const DEFAULT_RULE = 'wait'

type Wishes = NonNullable<ReportReply['setMax']>
type Turnable = NonNullable<PoolReport['turnable']>

/** What the knob needs from outside. */
export type KnobOptions = {
  fleet: Fleet
  /** The level of a rule on a subject now. */
  level: (rule: string, subject: string) => Level
  /** Keeps what happened. */
  record: (annotation: Annotation) => void
}

/**
 * Limits of running pools that somebody has changed. All of it is in memory: without the agent every process goes back
 * to its own.
 */
export class Knob {
  readonly #options: KnobOptions
  /** The last change of each group. */
  readonly #changes = new Map<string, Change>()
  /** Those that go on, by process: reports look here. */
  #wanted = new Map<string, Change[]>()

  constructor(options: KnobOptions) {
    this.#options = options
  }

  /** What the agent wants of the process that a report is from; undefined when that is nothing. */
  wishes(report: Pick<Report, 'service' | 'instance' | 'startedAtMs'>): Wishes | undefined {
    if (this.#wanted.size === 0) return undefined
    const key = processKey(report)
    const wishes = (this.#wanted.get(key) ?? []).flatMap(({ targets, request: { max } }) =>
      targets.flatMap(({ entry, startedAtMs }) =>
        processKey(entry) === key && startedAtMs === report.startedAtMs
          ? [{ system: entry.last.system, name: entry.last.name, max, forMs: WISH_MS }]
          : [],
      ),
    )
    return wishes.length === 0 ? undefined : wishes
  }

  /** Which instances of a group can be turned, and its last change; undefined when there is no such group. */
  of(groupId: string): KnobAnswer | undefined {
    const members = this.#members(groupId)
    const change = this.#changes.get(groupId)
    if (members.length === 0 && change === undefined && !this.#options.fleet.groupIds().includes(groupId))
      return undefined
    return {
      enabled: true,
      pools: members
        .filter((entry) => !entry.isStale(this.#nowMs))
        .flatMap(({ id, instance, last: { max, turnable } }) =>
          turnable === null ? [] : [{ poolId: id, instance, max, ...turnable }],
        ),
      change: change?.answer(TRIAL.settleMs) ?? null,
    }
  }

  /** Asks for a limit. @returns the change, or why not */
  turn(groupId: string, request: KnobRequest): KnobChange | { refused: string } {
    const targets = this.#targets(groupId, request)
    if ('refused' in targets) return targets
    const rule = request.rule ?? DEFAULT_RULE
    if (!RULES.some(({ id }) => id === rule)) return { refused: `There is no rule ${rule}.` }
    const over = this.#overBudget(targets, request.max)
    if (over !== null) return { refused: over }
    const before = this.#changes.get(groupId)
    if (before?.goesOn) this.#end(before, 'over', `${request.by} asked for ${request.max} instead.`)
    const change = new Change(groupId, request, targets, {
      rule,
      before: this.#measure(groupId, targets, TRIAL.compareMs),
      badness: new Map(watched(groupId, rule, targets).map(([key, ...of]) => [key, this.#badness(...of)])),
      atMs: this.#nowMs,
    })
    this.#changes.set(groupId, change)
    this.#collect()
    const { from } = change.answer(TRIAL.settleMs)
    const why = request.reason === undefined ? '.' : `: ${request.reason}`
    this.#record(
      change,
      `${request.by} asks for ${request.max} connections instead of ${from.join(' or ')}${why}`,
    )
    return change.answer(TRIAL.settleMs)
  }

  /** Takes a change back. @returns it; undefined when none goes on */
  undo(groupId: string, by: string): KnobChange | undefined {
    const change = this.#changes.get(groupId)
    if (!change?.goesOn) return undefined
    this.#end(change, 'undone', `${by} took it back.`)
    return change.answer(TRIAL.settleMs)
  }

  /** Follows all changes that go on; to be called after each tick. */
  observe(): void {
    for (const change of this.#changes.values()) {
      if (change.goesOn) this.#follow(change)
      else if (this.#nowMs - (change.endedMs as number) > SHOWN_MS) this.#changes.delete(change.groupId)
    }
  }

  #follow(change: Change): void {
    const nowMs = this.#nowMs
    change.targets = change.targets.filter(
      ({ entry, startedAtMs }) =>
        entry.startedAtMs === startedAtMs && nowMs - entry.receivedAtMs < GONE_AFTER_MS,
    )
    if (change.targets.length === 0) {
      this.#end(change, 'over', 'Its processes are gone or began anew, each with its own limit.')
    } else if (change.untilMs !== null && nowMs >= change.untilMs) {
      this.#end(change, 'over', 'Its time is over.')
    } else if (change.appliedMs === null) this.#await(change, nowMs)
    else this.#judge(change, change.appliedMs, nowMs)
  }

  #await(change: Change, nowMs: number): void {
    const done = change.targets.every(({ entry }) => entry.last.max === change.request.max)
    if (done) {
      change.state = 'applied'
      change.appliedMs = nowMs
    } else if (nowMs - change.askedMs > APPLY_WITHIN_MS) {
      this.#end(change, 'refused', 'Not every process took it, so all of them go back.')
    }
  }

  #judge(change: Change, appliedMs: number, nowMs: number): void {
    const judgedMs = nowMs - appliedMs - TRIAL.settleMs
    if (judgedMs <= 0) return
    change.after = this.#measure(change.groupId, change.targets, Math.min(judgedMs, TRIAL.compareMs))
    const worse = this.#worse(change, judgedMs)
    change.worseSinceMs = worse === null ? null : (change.worseSinceMs ?? nowMs)
    if (worse === null || nowMs - (change.worseSinceMs as number) < TRIAL.worseForMs) return
    this.#end(change, 'rolled_back', worse)
  }

  /** What is worse since the change, as a sentence; null when nothing is, or when it cannot be to blame. */
  #worse(change: Change, judgedMs: number): string | null {
    const { before, after, grew, rule, targets, groupId } = change
    for (const [key, id, subject] of watched(groupId, rule, targets)) {
      const isOfServer = subject !== groupId
      // Fewer connections bring no server to its limit; more of them leave no caller waiting longer.
      if (isOfServer ? !grew : grew && !this.#isComparable(change, judgedMs)) continue
      if (this.#badness(id, subject) > (change.badness.get(key) ?? 0))
        return `${titleOf(id)} got worse than it was.`
    }
    return after !== null && this.#isComparable(change, judgedMs) ? whatIsWorse(before, after) : null
  }

  #isComparable({ before, after, grew }: Change, judgedMs: number): boolean {
    if (judgedMs > TRIAL.compareForMs) return false
    return !(grew && after !== null && isBusier(before, after))
  }

  #end(change: Change, state: Parameters<Change['end']>[0], why: string): void {
    change.end(state, why, this.#nowMs)
    this.#collect()
    const words = { undone: 'undone', rolled_back: 'rolled back', over: 'over', refused: 'not taken' }
    this.#record(change, `The limit of ${change.request.max} connections is ${words[state]}: ${why}`)
  }

  #collect(): void {
    this.#wanted = new Map()
    for (const change of this.#changes.values()) {
      if (!change.goesOn) continue
      for (const key of new Set(change.targets.map(({ entry }) => processKey(entry)))) {
        this.#wanted.set(key, [...(this.#wanted.get(key) ?? []), change])
      }
    }
  }

  #targets(groupId: string, { max, poolIds }: KnobRequest): Target[] | { refused: string } {
    const members = this.#members(groupId).filter((entry) => !entry.isStale(this.#nowMs))
    const wanted = members.filter(({ id, last }) => poolIds?.includes(id) ?? last.turnable !== null)
    if (wanted.length === 0) return { refused: 'No process of it allows its limit to be changed.' }
    if (poolIds !== undefined && wanted.length < new Set(poolIds).size)
      return { refused: 'Not every instance that is named belongs to it, and reports.' }
    const targets: Target[] = []
    for (const entry of wanted) {
      const { turnable, max: from } = entry.last
      if (turnable === null || from === null) return { refused: `${entry.instance} does not allow it.` }
      const why = outside(max, turnable)
      if (why !== null) return { refused: `${entry.instance} ${why}` }
      targets.push({ entry, startedAtMs: entry.startedAtMs, serverId: entry.serverId, from })
    }
    if (targets.every(({ from }) => from === max)) return { refused: `It is ${max} already.` }
    return targets
  }

  /** Why the servers could not take it if every pool filled up; null when they can, or it is not known. */
  #overBudget(targets: readonly Target[], max: number): string | null {
    const { fleet } = this.#options
    const { pools, atMs } = fleet.snapshot()
    const wanted = new Map(targets.map(({ entry }) => [entry.id, max]))
    const asked = new Map(
      [...this.#changes.values()]
        .filter(({ goesOn }) => goesOn)
        .flatMap((change) => change.targets.map(({ entry }) => [entry.id, change.request.max] as const)),
    )
    const now = pools.map((pool) => ({ ...pool, max: asked.get(pool.id) ?? pool.max }))
    const then = now.map((pool) => ({ ...pool, max: wanted.get(pool.id) ?? pool.max }))
    for (const id of new Set(targets.flatMap(({ serverId }) => serverId ?? []))) {
      const server = fleet.server(id)
      if (server === undefined) continue
      const { usable, worst } = serverBudget(server, then, atMs)
      const before = serverBudget(server, now, atMs).worst
      if (usable === null || worst === null || worst <= usable || worst <= (before ?? 0)) continue
      return `${server.name} takes ${usable} connections; if every pool filled up there would be ${worst}.`
    }
    return null
  }

  #measure(groupId: string, targets: readonly Target[], overMs: number): KnobChange['before'] {
    const { fleet } = this.#options
    const [only] = targets
    const subject = targets.length === 1 && only !== undefined ? only.entry.id : groupId
    return measureOf(fleet.series(subject), Math.floor(overMs / fleet.tickMs))
  }

  #badness(rule: string, subject: string): number {
    return badness(this.#options.level(rule, subject))
  }

  #members(groupId: string): PoolEntry[] {
    return [...this.#options.fleet.entries()].filter((entry) => entry.groupId === groupId)
  }

  #record(change: Change, text: string): void {
    this.#options.record({
      id: `knob:${change.id}:${change.state}`,
      atMs: this.#nowMs,
      kind: 'config_change',
      text,
      service: change.targets[0]?.entry.service ?? null,
      poolId: change.groupId,
      serverId: null,
      tags: ['knob'],
    })
  }

  get #nowMs(): number {
    return this.#options.fleet.nowMs
  }
}

/** What may get worse by a change: a key, the rule and its subject. */
function watched(groupId: string, rule: string, targets: readonly Target[]): [string, string, string][] {
  const servers = new Set(targets.flatMap(({ serverId }) => serverId ?? []))
  const ofServers = [...servers].flatMap((id) => SERVER_RULES.map((one) => [one, id] as const))
  return [[rule, groupId] as const, ...ofServers].map(([id, subject]) => [`${id} ${subject}`, id, subject])
}

function titleOf(rule: string): string {
  return `“${RULES.find(({ id }) => id === rule)?.title ?? rule}”`
}

function outside(max: number, { least, most }: Turnable): string | null {
  return max >= least && max <= most ? null : `allows ${least} to ${most}.`
}

function processKey({ service, instance }: { service: string; instance: string }): string {
  return `${service}\n${instance}`
}
