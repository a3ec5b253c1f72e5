import type { Alert, AlertCounts, AlertState, Severity, Silence, SilenceRequest } from '@poolscope/protocol'
import {
  type Finding,
  GROUP_RULES,
  type GroupWindow,
  RULES,
  type Rule,
  SERVER_RULES,
  type ServerWindow,
  type Settings,
} from '@poolscope/rules'
import type { Tick } from '../fleet/fleet.ts'
import type { AlertLog } from './alert-log.ts'
import { byCause } from './causes.ts'
import { Condition } from './condition.ts'
import {
  alertOf,
  type Incident,
  incidentId,
  isWorse,
  pendingAlert,
  type SavedIncident,
  severityOf,
} from './incident.ts'
import { Silences } from './silences.ts'
import type { StateFile } from './state-file.ts'
import { groupSubject, type Subject, serverSubject } from './subject.ts'
import { type WindowSources, Windows } from './windows.ts'

/** Ticks further apart than this were held up, or the clock leapt: no more time counts than this. */
const LONGEST_STEP_MS = 10_000

/** Which rules are on, and the settings that differ from their defaults. */
export type RuleSettings = Readonly<Record<string, { enabled: boolean; settings: Settings }>>

/** What people are told of an incident, once each. */
export type Transition = {
  /** The same for the same news, whoever is told and however often the agent restarts. */
  id: string
  kind: 'firing' | 'worse' | 'resolved'
  alert: Alert
  /** The most that people are or were told of it. */
  severity: Severity
  /** By what receivers know the incident again, whatever cause is found later. */
  opened: Incident['opened']
}

/** What the engine remembers across a restart. */
export type EngineState = { incidents: SavedIncident[]; silences: Silence[] }

/** What the engine needs from outside. */
export type EngineOptions = {
  sources: WindowSources
  rules: RuleSettings
  log: AlertLog
  state: StateFile<EngineState>
  /** Tells people. Must return at once. */
  notify: (transition: Transition) => void
  /** An alert begins to fire; what is around it is worth keeping. */
  onBegin: (alert: Alert) => void
}

type Judged<Window> = {
  rule: Rule<Window>
  settings: Settings
  lasts: { warn: number | null; critical: number | null }
}

/** Verdicts over time: which of them last, what causes what, and who must be told. */
export class AlertEngine {
  readonly windows: Windows
  readonly #options: EngineOptions
  readonly #groupRules: Judged<GroupWindow>[]
  readonly #serverRules: Judged<ServerWindow>[]
  readonly #silences: Silences
  #conditions = new Map<string, Condition>()
  #incidents: Incident[] = []
  #tickMs = 0
  #lastMs: number | null = null

  constructor(options: EngineOptions) {
    this.#options = options
    this.windows = new Windows(options.sources)
    this.#groupRules = inUse(GROUP_RULES, options.rules)
    this.#serverRules = inUse(SERVER_RULES, options.rules)
    const saved = options.state.read()
    this.#silences = new Silences(saved?.silences)
    this.#restore(saved?.incidents ?? [])
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
    this.#follow(atMs)
  }

  /** Alerts, firing first and worst first; those that are over newest first. @param state null for all */
  alerts(state: AlertState | null, nowMs: number): Alert[] {
    const lists: Record<AlertState, () => Alert[]> = {
      firing: () => this.#incidents.map((incident) => this.#alert(incident, nowMs)).sort(worstFirst),
      pending: () =>
        [...this.#conditions.values()]
          .filter(({ pending }) => pending)
          .map((condition) => pendingAlert(condition, this.#silenceOf(condition, nowMs)))
          .sort(worstFirst),
      resolved: () => this.#options.log.recent(RESOLVED_SHOWN),
    }
    return state === null ? [...lists.firing(), ...lists.pending(), ...lists.resolved()] : lists[state]()
  }

  /** One alert that fires or is over; undefined when there is none. */
  alert(id: string, nowMs: number): Alert | undefined {
    const incident = this.#incidents.find((one) => one.id === id)
    return incident === undefined ? this.#options.log.find(id) : this.#alert(incident, nowMs)
  }

  /** What people were told of and that still fires, for receivers that forget what is not repeated. */
  told(nowMs: number): Transition[] {
    return this.#incidents.flatMap((incident) => {
      const { id, told, opened } = incident
      if (told === null || this.#silenceOf(incident.root, nowMs) !== null) return []
      return [
        { id: `${id}:${told}`, kind: 'firing', alert: this.#alert(incident, nowMs), severity: told, opened },
      ]
    })
  }

  counts(): AlertCounts {
    const counts: AlertCounts = { firing: { info: 0, warn: 0, critical: 0 }, pending: 0 }
    for (const { members } of this.#incidents) counts.firing[severityOf(members)] += 1
    for (const { pending } of this.#conditions.values()) if (pending) counts.pending += 1
    return counts
  }

  /** Somebody takes an alert on. @returns undefined when none of that id fires */
  acknowledge(id: string, nowMs: number): Alert | undefined {
    const incident = this.#incidents.find((one) => one.id === id)
    if (incident === undefined) return undefined
    incident.acknowledgedMs ??= nowMs
    this.#save(nowMs)
    return this.#alert(incident, nowMs)
  }

  silences(nowMs: number): Silence[] {
    return this.#silences.list(nowMs)
  }

  /** @returns null when it is over already, or there are too many */
  silence(request: SilenceRequest, nowMs: number): Silence | null {
    const silence = this.#silences.add(request, nowMs)
    if (silence !== null) this.#save(nowMs)
    return silence
  }

  /** @returns false when there is none of that id */
  unsilence(id: string, nowMs: number): boolean {
    const removed = this.#silences.remove(id)
    if (removed) this.#save(nowMs)
    return removed
  }

  /** Whether a rule is not off. */
  isOn(rule: string): boolean {
    return this.#options.rules[rule]?.enabled !== false
  }

  /** The settings in force of a rule, also of one that is off. */
  settingsOf(rule: Pick<Rule<never>, 'id' | 'settings'>): Settings {
    return { ...rule.settings, ...this.#options.rules[rule.id]?.settings }
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

  /** Brings incidents up to what fires now, and tells what is new. */
  #follow(nowMs: number): void {
    const firing = [...this.#conditions.values()].filter((condition) => condition.firing !== null)
    const open: Incident[] = []
    let changed = false
    for (const { root, members } of byCause(firing)) {
      const known = this.#incidents.filter(
        (incident) => !open.includes(incident) && incident.members.some((member) => members.includes(member)),
      )
      const oldest = known.sort((a, b) => a.firedMs - b.firedMs)[0]
      const incident = oldest ?? this.#begin(root, members, nowMs)
      changed ||= oldest === undefined || !sameMembers(incident.members, members)
      incident.root = root
      incident.members = members
      open.push(incident)
    }
    for (const incident of this.#incidents) {
      if (open.includes(incident)) continue
      changed = true
      this.#finish(incident, nowMs)
    }
    this.#incidents = open
    for (const incident of open) changed = this.#tell(incident, nowMs) || changed
    if (changed) this.#save(nowMs)
  }

  #begin(root: Condition, members: Condition[], nowMs: number): Incident {
    const incident: Incident = {
      id: incidentId(root),
      opened: { rule: root.rule.id, subject: root.subject.id },
      root,
      members,
      sinceMs: Math.min(...members.map(({ sinceMs }) => sinceMs as number)),
      firedMs: nowMs,
      acknowledgedMs: null,
      told: null,
    }
    this.#options.onBegin(this.#alert(incident, nowMs))
    return incident
  }

  #finish(incident: Incident, nowMs: number): void {
    const alert = alertOf(incident, this.#silenceOf(incident.root, nowMs), nowMs)
    this.#options.log.append(alert)
    // Who was not told of the beginning is not told of the end.
    if (incident.told === null) return
    const { id, opened, told } = incident
    this.#options.notify({ id: `${id}:resolved`, kind: 'resolved', alert, severity: told, opened })
  }

  /** @returns whether somebody was told */
  #tell(incident: Incident, nowMs: number): boolean {
    const severity = severityOf(incident.members)
    if (!isWorse(severity, incident.told) || this.#silenceOf(incident.root, nowMs) !== null) return false
    const kind = incident.told === null ? 'firing' : 'worse'
    incident.told = severity
    const alert = this.#alert(incident, nowMs)
    this.#options.notify({ id: `${incident.id}:${severity}`, kind, alert, severity, opened: incident.opened })
    return true
  }

  #alert(incident: Incident, nowMs: number): Alert {
    return alertOf(incident, this.#silenceOf(incident.root, nowMs))
  }

  #silenceOf({ rule, subject }: Condition, nowMs: number): Silence | null {
    return this.#silences.of(rule.id, subject.id, nowMs)
  }

  #save(nowMs: number): void {
    const incidents = this.#incidents.map(({ root, members, ...rest }) => ({
      ...rest,
      members: members.map((member) => member.save()),
      root: members.indexOf(root),
    }))
    this.#options.state.write({ incidents, silences: this.#silences.list(nowMs) })
  }

  /** Goes on with what fired when the agent stopped. Rules that are gone or off take their part with them. */
  #restore(saved: readonly SavedIncident[]): void {
    for (const { members, root, ...rest } of saved) {
      const restored = members.flatMap((member) => {
        const rule = RULES.find(({ id }) => id === member.rule)
        const on = rule !== undefined && this.#options.rules[rule.id]?.enabled !== false
        return on ? [Condition.restored(rule, member)] : []
      })
      for (const condition of restored)
        this.#conditions.set(keyOf(condition.rule.id, condition.subject.id), condition)
      const first = restored.find(({ rule }) => rule.id === members[root]?.rule) ?? restored[0]
      if (first !== undefined) this.#incidents.push({ ...rest, root: first, members: restored })
    }
  }
}

/** Alerts that are over in one answer. */
const RESOLVED_SHOWN = 200

function inUse<Window>(rules: readonly Rule<Window>[], configured: RuleSettings): Judged<Window>[] {
  return rules
    .filter(({ id, use }) => use === 'alert' && configured[id]?.enabled !== false)
    .map((rule) => {
      const settings = { ...rule.settings, ...configured[rule.id]?.settings }
      return {
        rule,
        settings,
        lasts: { warn: settings.warnForMs ?? null, critical: settings.criticalForMs ?? null },
      }
    })
}

function keyOf(rule: string, subject: string): string {
  return `${rule} ${subject}`
}

function sameMembers(a: readonly Condition[], b: readonly Condition[]): boolean {
  return a.length === b.length && a.every((member) => b.includes(member))
}

const ORDER: Record<Severity, number> = { critical: 0, warn: 1, info: 2 }

function worstFirst(a: Alert, b: Alert): number {
  return ORDER[a.severity] - ORDER[b.severity] || a.sinceMs - b.sinceMs
}
