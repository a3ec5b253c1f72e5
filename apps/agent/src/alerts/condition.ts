import type { Evidence, Level, Severity } from '@poolscope/protocol'
import type { Finding, Rule } from '@poolscope/rules'
import type { Subject } from './subject.ts'

/** A condition that fires stays so until it has been well for this long. */
const CLEAR_MS = 30_000
/** One that comes and goes stays so until it has been well for this long. */
const FLAPPING_CLEAR_MS = 600_000
/** More beginnings than this within {@link FLAPPING_CLEAR_MS} are flapping. */
const FLAPPING_TIMES = 4
/** What begins to be wrong and cannot be seen any more for this long did not begin. */
const PENDING_BLIND_MS = 60_000
/** What fires and cannot be seen any more for this long is over. */
const FIRING_BLIND_MS = 600_000

type AnyRule = Pick<Rule<never>, 'id' | 'title' | 'severity' | 'symptomOf'>
type Seen = { atMs: number; sinceMs: number }

/** What a condition remembers across a restart of the agent. */
export type SavedCondition = {
  rule: string
  subject: Subject
  sinceMs: number
  severity: 'warn' | 'critical'
  sentence: string
  evidence: Evidence
  remedy: string | null
}

/**
 * One rule on one subject over time. A level must last before it fires; what fires must be well for a while
 * before it ends; and what cannot be seen changes nothing for a good while.
 *
 * Times named `tick` are by a clock that counts ticks, so that a leap of the wall clock moves nothing.
 */
export class Condition {
  readonly rule: AnyRule
  subject: Subject
  /** Level of the last evaluation that could judge; it decides between the limits of raising and clearing. */
  level: Level = 'ok'
  /** What it fires as; null while it does not. */
  firing: 'warn' | 'critical' | null = null
  /** What was found when it last was wrong. */
  finding: Pick<Finding, 'sentence' | 'evidence' | 'remedy'> = {
    sentence: '',
    evidence: { facts: [], holders: [] },
    remedy: null,
  }
  /** When it last began to be wrong, epoch ms; null when it never was. */
  sinceMs: number | null = null
  #fired: 'warn' | 'critical' = 'warn'
  #warn: Seen | null = null
  #critical: Seen | null = null
  /** Since when it is no longer critical, and no longer wrong, by the tick clock. */
  #calmerTick: number | null = null
  #wellTick: number | null = null
  #blindTick: number | null = null
  #beganTicks: number[] = []

  constructor(rule: AnyRule, subject: Subject) {
    this.rule = rule
    this.subject = subject
  }

  /** A condition as it was before a restart. */
  static restored(rule: AnyRule, saved: SavedCondition): Condition {
    const condition = new Condition(rule, saved.subject)
    condition.#setFiring(saved.severity)
    condition.level = saved.severity
    condition.sinceMs = saved.sinceMs
    condition.finding = { sentence: saved.sentence, evidence: saved.evidence, remedy: saved.remedy }
    return condition
  }

  /** Comes and goes too often to tell people each time. */
  get flapping(): boolean {
    return this.#beganTicks.length > FLAPPING_TIMES
  }

  /** How much it matters while it fires, or mattered when it last did. */
  get severity(): Severity {
    return this.rule.severity === 'info' ? 'info' : this.#fired
  }

  /** Wrong, though not for long enough yet. */
  get pending(): boolean {
    return this.firing === null && this.#warn !== null
  }

  /** Nothing to remember. */
  get idle(): boolean {
    return this.firing === null && this.#warn === null && this.level === 'ok' && this.#beganTicks.length === 0
  }

  /**
   * Takes in what the rule found; null when the subject is not there.
   * @param lasts how long each level must last, ms; null where the rule does not have the level
   */
  take(
    finding: Finding | null,
    lasts: { warn: number | null; critical: number | null },
    nowMs: number,
    tick: number,
  ): void {
    this.#beganTicks = this.#beganTicks.filter((began) => tick - began <= FLAPPING_CLEAR_MS)
    if (finding === null || finding.level === 'unknown') {
      this.#takeNothing(tick)
      return
    }
    this.#blindTick = null
    this.level = finding.level
    if (finding.level === 'ok') {
      this.#takeWell(tick)
      return
    }
    this.finding = finding
    this.#wellTick = null
    const now = { atMs: nowMs, sinceMs: tick }
    if (this.#warn === null && this.firing === null) this.sinceMs = nowMs
    this.#warn ??= now
    this.#critical = finding.level === 'critical' ? (this.#critical ?? now) : null
    const lasted = (since: Seen | null, ms: number | null) =>
      since !== null && ms !== null && tick - since.sinceMs >= ms
    if (lasted(this.#critical, lasts.critical)) this.#fire('critical', tick)
    // A rule without the level of a warning counts a critical one from its own beginning.
    else if (lasted(this.#warn, lasts.warn)) this.#fire('warn', tick)
  }

  /** Everything that a restart needs. Only of a condition that fires. */
  save(): SavedCondition {
    return {
      rule: this.rule.id,
      subject: this.subject,
      sinceMs: this.sinceMs as number,
      severity: this.firing as 'warn' | 'critical',
      ...this.finding,
    }
  }

  #fire(severity: 'warn' | 'critical', tick: number): void {
    if (this.firing === null) this.#beganTicks.push(tick)
    if (severity === 'critical' || this.firing === null) {
      this.#setFiring(severity)
      return
    }
    if (this.firing === 'warn') return
    this.#calmerTick ??= tick
    if (tick - this.#calmerTick >= CLEAR_MS) {
      this.#setFiring('warn')
    }
  }

  #setFiring(severity: 'warn' | 'critical'): void {
    this.firing = severity
    this.#fired = severity
    this.#calmerTick = null
  }

  #takeWell(tick: number): void {
    if (this.firing === null) {
      this.#end()
      return
    }
    this.#wellTick ??= tick
    if (tick - this.#wellTick >= (this.flapping ? FLAPPING_CLEAR_MS : CLEAR_MS)) this.#end()
  }

  #takeNothing(tick: number): void {
    this.#blindTick ??= tick
    const blindMs = tick - this.#blindTick
    if (blindMs >= (this.firing === null ? PENDING_BLIND_MS : FIRING_BLIND_MS)) {
      this.level = 'ok'
      this.#end()
    }
  }

  #end(): void {
    this.firing = null
    this.#warn = null
    this.#critical = null
    this.#calmerTick = null
    this.#wellTick = null
  }
}
