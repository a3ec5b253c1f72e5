import type { Evidence, Fact, Holder, Level, Severity } from '@poolscope/protocol'
import type { GroupWindow, ServerWindow } from './windows.ts'

/** Numbers that decide when a rule speaks. Each name ends in its unit; a bare word is a count. */
export type Settings = Readonly<Record<string, number>>

/** What a rule finds in a window. */
export type Finding = {
  level: Level
  /** One sentence that holds by itself. */
  sentence: string
  evidence: Evidence
  /** What to change; null when there is nothing to. */
  remedy: string | null
}

/** What a rule may look at besides the numbers of pools and servers, which is all that a recording holds. */
export type Need = 'holders' | 'sessions' | 'statements' | 'limits'

/** A check over a window of samples. */
export type Rule<Window> = {
  /** Stable, kebab-case; also the anchor of the rule in the guide. */
  id: string
  title: string
  /** The most that an alert of this rule matters. */
  severity: Severity
  /** `advice` is shown to who asks; `alert` also tells people by itself. */
  use: 'alert' | 'advice'
  /** What it checks, in one sentence for the guide. */
  about: string
  /** Defaults. `warnForMs` and `criticalForMs` are how long a level must last to be an alert. */
  settings: Settings
  /** Rules that explain this one where they speak of the same pool group or its server. */
  symptomOf: readonly string[]
  /** What it cannot judge without, besides numbers. */
  needs?: readonly Need[]
  /** Whether the subject is of the kind that the rule is about; where it is not, nothing is said at all. */
  applies(window: Window): boolean
  /**
   * Judges a window.
   * @param before the level of the last evaluation, which decides between the limits of raising and clearing
   */
  evaluate(window: Window, settings: Settings, before: Level): Finding
}
export type GroupRule = Rule<GroupWindow>
export type ServerRule = Rule<ServerWindow>

type Definition<Window, Own extends Settings> = Omit<Rule<Window>, 'settings' | 'evaluate'> & {
  settings: Own
  evaluate(window: Window, settings: { readonly [Name in keyof Own]: number }, before: Level): Finding
}

/** A rule about pool groups, with the names of its own settings known to its code. */
export function groupRule<Own extends Settings>(definition: Definition<GroupWindow, Own>): GroupRule {
  return erased(definition)
}

/** A rule about servers. */
export function serverRule<Own extends Settings>(definition: Definition<ServerWindow, Own>): ServerRule {
  return erased(definition)
}

/** Settings are complete by construction: defaults, over which configured ones are laid by name. */
function erased<Window, Own extends Settings>(definition: Definition<Window, Own>): Rule<Window> {
  return {
    ...definition,
    evaluate: (window, settings, before) => definition.evaluate(window, settings as Own, before),
  }
}

/** The rule as it judges where something is never known: not at all where it needs that. */
export function judging<Window>(rule: Rule<Window>, missing: readonly Need[]): Rule<Window> {
  const lacks = (rule.needs ?? []).filter((need) => missing.includes(need))
  if (lacks.length === 0) return rule
  return { ...rule, evaluate: () => unknown(`It needs ${lacks.join(' and ')}, which are not known.`) }
}

/** A number with its unit. */
export function fact(name: string, value: Fact['value'], unit: Fact['unit'] = 'count'): Fact {
  return { name, value, unit }
}

/** All is well, or this is no subject of the rule. */
export function ok(sentence: string, ...facts: Fact[]): Finding {
  return { level: 'ok', sentence, evidence: { facts, holders: [] }, remedy: null }
}

/** There is not enough to judge by. */
export function unknown(sentence: string, ...facts: Fact[]): Finding {
  return { level: 'unknown', sentence, evidence: { facts, holders: [] }, remedy: null }
}

/** Something is found, or not, as the level says; a remedy is given only where there is something to remedy. */
export function found(
  level: Level,
  sentence: string,
  facts: readonly Fact[],
  remedy: string,
  holders: readonly Holder[] = [],
): Finding {
  const wrong = level === 'warn' || level === 'critical'
  return {
    level,
    sentence,
    evidence: { facts: [...facts], holders: wrong ? holders.slice(0, MOST_HOLDERS) : [] },
    remedy: wrong ? remedy : null,
  }
}

/** Holders beyond these say nothing that the first do not. */
const MOST_HOLDERS = 20
