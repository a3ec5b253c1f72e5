import type { Alert, AlertCounts, AlertState, Severity, Silence, SilenceRequest } from '@poolscope/protocol'
import type { Tick } from '../fleet/fleet-series.ts'
import type { AlertLog } from './alert-log.ts'
import { byCause, type Cluster } from './causes.ts'
import type { Condition } from './condition.ts'
import {
  alertOf,
  type Incident,
  incidentId,
  isWorse,
  pendingAlert,
  type SavedIncident,
  severityOf,
} from './incident.ts'
import { Judge, type JudgeOptions } from './judge.ts'
import { type Named, Silences } from './silences.ts'
import type { StateFile } from './state-file.ts'

/** What people are told of an incident, once each. */
export type Transition = {
  /** The same for the same news, whoever is told and however often the agent restarts. */
  id: string
  kind: 'firing' | 'worse' | 'resolved'
  alert: Alert
  /** The most that people are or were told of it. */
  severity: Severity
  /** By what receivers know the incident again, whatever cause is found later. */
  opened: Named
}

/** What the engine remembers across a restart. */
export type EngineState = { incidents: SavedIncident[]; silences: Silence[] }

/** What the engine needs from outside. */
export type EngineOptions = JudgeOptions & {
  log: AlertLog
  state: StateFile<EngineState>
  /** Tells people. Must return at once. */
  notify: (transition: Transition) => void
  /** An alert begins to fire; what is around it is worth keeping. */
  onBegin: (alert: Alert) => void
}

/** What people are told of verdicts that last: which of them have one cause, and who knows of it already. */
export class AlertEngine {
  readonly judge: Judge
  readonly #options: EngineOptions
  readonly #silences: Silences
  #incidents: Incident[] = []

  constructor(options: EngineOptions) {
    this.#options = options
    this.judge = new Judge(options)
    const saved = options.state.read()
    this.#silences = new Silences(saved?.silences)
    this.#restore(saved?.incidents ?? [])
  }

  /** Judges a tick. */
  observe(tick: Pick<Tick, 'fleet'>): void {
    this.judge.observe(tick)
    this.#follow(tick.fleet.atMs)
  }

  /** Alerts, firing first and worst first; those that are over newest first. @param state null for all */
  alerts(state: AlertState | null, nowMs: number): Alert[] {
    const lists: Record<AlertState, () => Alert[]> = {
      firing: () => this.#incidents.map((incident) => this.#alert(incident, nowMs)).sort(worstFirst),
      pending: () =>
        this.judge.conditions
          .filter(({ pending }) => pending)
          .map((condition) => pendingAlert(condition, this.#silences.of(nameOf(condition), nowMs)))
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
      const { id, told, names } = incident
      if (told === null || this.#silenceOf(incident, nowMs) !== null) return []
      const alert = this.#alert(incident, nowMs)
      return [{ id: `${id}:${told}`, kind: 'firing', alert, severity: told, opened: names[0] }]
    })
  }

  counts(): AlertCounts {
    const counts: AlertCounts = { firing: { info: 0, warn: 0, critical: 0 }, pending: 0 }
    for (const { members } of this.#incidents) counts.firing[severityOf(members)] += 1
    for (const { pending } of this.judge.conditions) if (pending) counts.pending += 1
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

  /** Brings incidents up to what fires now, and tells what is new. */
  #follow(nowMs: number): void {
    const firing = this.judge.conditions.filter((condition) => condition.firing !== null)
    const open: Incident[] = []
    let changed = false
    for (const { root, members } of byCause(firing)) {
      const known = this.#incidents.filter(
        (incident) => !open.includes(incident) && incident.members.some((member) => members.includes(member)),
      )
      const oldest = known.sort((a, b) => a.firedMs - b.firedMs)[0]
      const incident = oldest ?? this.#begin(root, members, nowMs)
      changed ||= oldest === undefined || !sameMembers(incident.members, members)
      if (!incident.names.some((name) => isName(name, root))) incident.names.push(nameOf(root))
      incident.root = root
      incident.members = members
      for (const [key, member] of byKey(members)) incident.everMembers.set(key, member)
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
      names: [nameOf(root)],
      root,
      members,
      everMembers: byKey(members),
      sinceMs: Math.min(...members.map(({ sinceMs }) => sinceMs as number)),
      firedMs: nowMs,
      acknowledgedMs: null,
      told: null,
    }
    this.#options.onBegin(this.#alert(incident, nowMs))
    return incident
  }

  #finish(incident: Incident, nowMs: number): void {
    const whole = { ...incident, ...largest(byCause([...incident.everMembers.values()])) }
    const alert = alertOf(whole, this.#silenceOf(whole, nowMs), nowMs)
    this.#options.log.append(alert)
    // Who was not told of the beginning is not told of the end.
    if (incident.told === null) return
    const { id, names, told } = incident
    this.#options.notify({ id: `${id}:resolved`, kind: 'resolved', alert, severity: told, opened: names[0] })
  }

  /** @returns whether somebody was told */
  #tell(incident: Incident, nowMs: number): boolean {
    const severity = severityOf(incident.members)
    if (!isWorse(severity, incident.told) || this.#silenceOf(incident, nowMs) !== null) return false
    const kind = incident.told === null ? 'firing' : 'worse'
    incident.told = severity
    const { id, names } = incident
    const alert = this.#alert(incident, nowMs)
    this.#options.notify({ id: `${id}:${severity}`, kind, alert, severity, opened: names[0] })
    return true
  }

  #alert(incident: Incident, nowMs: number): Alert {
    return alertOf(incident, this.#silenceOf(incident, nowMs))
  }

  #silenceOf(incident: Incident, nowMs: number): Silence | null {
    return this.#silences.of(nameOf(incident.root), nowMs, incident)
  }

  #save(nowMs: number): void {
    const incidents = this.#incidents.map(({ root, members, everMembers: _, ...rest }) => ({
      ...rest,
      members: members.map((member) => member.save()),
      root: members.indexOf(root),
    }))
    this.#options.state.write({ incidents, silences: this.#silences.list(nowMs) })
  }

  /** Goes on with what fired when the agent stopped. Rules that are gone or off take their part with them. */
  #restore(saved: readonly SavedIncident[]): void {
    for (const { members, root, ...rest } of saved) {
      const restored = members.flatMap((member) => this.judge.restore(member) ?? [])
      const first = restored.find(({ rule }) => rule.id === members[root]?.rule) ?? restored[0]
      if (first === undefined) continue
      this.#incidents.push({ ...rest, root: first, members: restored, everMembers: byKey(restored) })
    }
  }
}

/** Alerts that are over in one answer. */
const RESOLVED_SHOWN = 200

function nameOf({ rule, subject }: Condition): Named {
  return { rule: rule.id, subject: subject.id }
}

function isName(name: Named, { rule, subject }: Condition): boolean {
  return name.rule === rule.id && name.subject === subject.id
}

function byKey(members: readonly Condition[]): Map<string, Condition> {
  return new Map(members.map((member) => [`${member.rule.id} ${member.subject.id}`, member]))
}

/** A cause often ends before its symptoms do; what is told of the end is still the cause. */
function largest(clusters: readonly Cluster[]): Cluster | undefined {
  return clusters.toSorted((a, b) => b.members.length - a.members.length)[0]
}

function sameMembers(a: readonly Condition[], b: readonly Condition[]): boolean {
  return a.length === b.length && a.every((member) => b.includes(member))
}

const ORDER: Record<Severity, number> = { critical: 0, warn: 1, info: 2 }

function worstFirst(a: Alert, b: Alert): number {
  return ORDER[a.severity] - ORDER[b.severity] || a.sinceMs - b.sinceMs
}
