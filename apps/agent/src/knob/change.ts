import { randomUUID } from 'node:crypto'
import type { KnobChange, KnobMeasure, KnobRequest } from '@poolscope/protocol'
import type { PoolEntry } from '../fleet/pool-entry.ts'

/** One instance that a change is for: a process that began anew is another one. */
export type Target = {
  entry: PoolEntry
  startedAtMs: number
  serverId: string | null
  from: number
}

/** A change of a limit while it goes on, and what its roll-back is decided by. */
export class Change {
  readonly id = randomUUID()
  readonly groupId: string
  readonly rule: string
  readonly before: KnobMeasure
  /** How bad it was when it was asked for, by rule and subject. */
  readonly badness: ReadonlyMap<string, number>
  readonly request: KnobRequest
  readonly askedMs: number
  readonly untilMs: number | null
  targets: Target[]
  state: KnobChange['state'] = 'asked'
  appliedMs: number | null = null
  after: KnobMeasure | null = null
  worseSinceMs: number | null = null
  endedMs: number | null = null
  ended: string | null = null
  readonly #from: number[]
  readonly #poolIds: string[]

  constructor(
    groupId: string,
    request: KnobRequest,
    targets: Target[],
    known: { rule: string; before: KnobMeasure; badness: ReadonlyMap<string, number>; atMs: number },
  ) {
    this.groupId = groupId
    this.request = request
    this.targets = targets
    this.rule = known.rule
    this.before = known.before
    this.badness = known.badness
    this.askedMs = known.atMs
    this.untilMs = request.minutes === undefined ? null : known.atMs + request.minutes * 60_000
    this.#from = [...new Set(targets.map(({ from }) => from))].sort((a, b) => a - b)
    this.#poolIds = targets.map(({ entry }) => entry.id)
  }

  get goesOn(): boolean {
    return this.endedMs === null
  }

  /** Whether more connections may be open than before. */
  get grew(): boolean {
    const from = this.targets.reduce((sum, target) => sum + target.from, 0)
    return this.request.max * this.targets.length > from
  }

  end(state: 'undone' | 'rolled_back' | 'over' | 'refused', why: string, atMs: number): void {
    this.state = state
    this.ended = why
    this.endedMs = atMs
  }

  /** What others are told of it. @param settleMs see `TRIAL` */
  answer(settleMs: number): KnobChange {
    const { max, by, reason } = this.request
    return {
      id: this.id,
      state: this.state,
      max,
      from: this.#from,
      by,
      reason: reason ?? null,
      rule: this.rule,
      poolIds: this.#poolIds,
      askedMs: this.askedMs,
      appliedMs: this.appliedMs,
      untilMs: this.untilMs,
      judgedFromMs: this.appliedMs === null ? null : this.appliedMs + settleMs,
      endedMs: this.endedMs,
      ended: this.ended,
      before: this.before,
      after: this.after,
    }
  }
}
