import {
  type Finding,
  GROUP_RULES,
  type GroupWindow,
  judging,
  type Need,
  RULES,
  type Rule,
  SERVER_RULES,
  type ServerWindow,
  type Settings,
} from '@poolscope/rules'
import type { Tick } from '../fleet/fleet-series.ts'
import { Condition, type SavedCondition } from './condition.ts'
import { groupSubject, type Subject, serverSubject } from './subject.ts'
import { type WindowSources, Windows } from './windows.ts'

/** Ticks further apart than this were held up, or the clock leapt: no more time counts than this. */
const LONGEST_STEP_MS = 10_000

/** Which rules are on, and the settings that differ from their defaults. */
export type RuleSettings = Readonly<Record<string, { enabled: boolean; settings: Settings }>>

/** What verdicts are made of. */
export type JudgeOptions = {
  sources: WindowSources
  rules: RuleSettings
  /** What is never known, as in a recording: rules that need it cannot judge. */
  missing?: readonly Need[]
  /** Is told what each rule finds. */
  onFinding?: (rule: string, subject: Subject, finding: Finding) => void
}

type Judged<Window> = {
  rule: Rule<Window>
  settings: Settings
  lasts: { warn: number | null; critical: number | null }
}

/** Verdicts over time: every rule on every pool group and server, tick by tick. */
export class Judge {
  readonly windows: Windows
  readonly #options: JudgeOptions
  readonly #groupRules: Judged<GroupWindow>[]
  readonly #serverRules: Judged<ServerWindow>[]
  #conditions = new Map<string, Condition>()
  #tickMs = 0
  #lastMs: number | null = null

  constructor(options: JudgeOptions) {
    this.#options = options
    this.windows = new Windows(options.sources)
    this.#groupRules = inUse(GROUP_RULES, options)
    this.#serverRules = inUse(SERVER_RULES, options)
  }

  /** Every condition that is not well, or was not a while ago. */
  get conditions(): readonly Condition[] {
    return [...this.#conditions.values()]
  }

  /** Judges a tick. */
  observe({ fleet }: Pick<Tick, 'fleet'>): void {
    const { atMs } = fleet
    this.#tickMs += this.#lastMs === null ? 0 : Math.min(LONGEST_STEP_MS, Math.max(0, atMs - this.#lastMs))
    this.#lastMs = atMs
    this.windows.add(fleet)
    const unseen = new Set(this.#conditions.keys())
    const { groups, servers } = this.windows.of(fleet)
    for (const window of groups) {
      const subject = groupSubject(window.group, window.server)
      for (const judged of this.#groupRules) this.#judge(judged, window, subject, unseen)
    }
    for (const window of servers) {
      const subject = serverSubject(window.server)
      for (const judged of this.#serverRules) this.#judge(judged, window, subject, unseen)
    }
    for (const key of unseen) this.#take(key, null, { warn: null, critical: null })
  }

  /** Goes on with a condition as it was before a restart; undefined where its rule is gone or off. */
  restore(saved: SavedCondition): Condition | undefined {
    const rule = RULES.find(({ id }) => id === saved.rule)
    if (rule === undefined || !this.isOn(rule.id)) return undefined
    const condition = Condition.restored(rule, saved)
    this.#conditions.set(keyOf(rule.id, condition.subject.id), condition)
    return condition
  }

  /** Whether a rule is not off. */
  isOn(rule: string): boolean {
    return this.#options.rules[rule]?.enabled !== false
  }

  /** The settings in force of a rule, also of one that is off. */
  settingsOf(rule: Pick<Rule<never>, 'id' | 'settings'>): Settings {
    return settingsOf(rule, this.#options.rules)
  }

  /** The level so far of a rule on a subject, which decides between the limits of raising and clearing. */
  levelOf(rule: string, subject: string): Condition['level'] {
    return this.#conditions.get(keyOf(rule, subject))?.level ?? 'ok'
  }

  #judge<Window>(
    { rule, settings, lasts }: Judged<Window>,
    window: Window,
    subject: Subject,
    unseen: Set<string>,
  ): void {
    if (!rule.applies(window)) return
    const key = keyOf(rule.id, subject.id)
    unseen.delete(key)
    const known = this.#conditions.get(key)
    const finding = rule.evaluate(window, settings, known?.level ?? 'ok')
    this.#options.onFinding?.(rule.id, subject, finding)
    if (known === undefined) {
      if (finding.level === 'ok' || finding.level === 'unknown') return
      this.#conditions.set(key, new Condition(rule, subject))
    } else known.subject = subject
    this.#take(key, finding, lasts)
  }

  #take(key: string, finding: Finding | null, lasts: Judged<never>['lasts']): void {
    const condition = this.#conditions.get(key) as Condition
    condition.take(finding, lasts, this.#lastMs as number, this.#tickMs)
    if (condition.idle) this.#conditions.delete(key)
  }
}

function inUse<Window>(
  rules: readonly Rule<Window>[],
  { rules: configured, missing = [] }: JudgeOptions,
): Judged<Window>[] {
  return rules
    .filter(({ id, use }) => use === 'alert' && configured[id]?.enabled !== false)
    .map((rule) => {
      const settings = settingsOf(rule, configured)
      return {
        rule: judging(rule, missing),
        settings,
        lasts: { warn: settings.warnForMs ?? null, critical: settings.criticalForMs ?? null },
      }
    })
}

function settingsOf(
  { id, settings }: Pick<Rule<never>, 'id' | 'settings'>,
  configured: RuleSettings,
): Settings {
  return { ...settings, ...configured[id]?.settings }
}

function keyOf(rule: string, subject: string): string {
  return `${rule} ${subject}`
}
