import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Alert, Severity } from '@poolscope/protocol'
import { type Finding, type Need, RULES } from '@poolscope/rules'
import type { ChunkReader } from '../history/chunk-reader.ts'
import { RecordedFleet } from '../history/recorded-fleet.ts'
import { recordedTicks } from '../history/recorded-ticks.ts'
import { AlertEngine } from './engine.ts'
import type { RuleSettings } from './judge.ts'
import { pastDays, type ReadColumn } from './past-days.ts'
import { StateFile } from './state-file.ts'
import type { Subject } from './subject.ts'

/** What no recording holds. */
const MISSING: readonly Need[] = ['holders', 'sessions', 'statements', 'limits']
/** So long at a time before a signal may come in. */
const SLICE_MS = 50

/** What is judged. */
export type DryRunOptions = {
  reader: ChunkReader
  rules: RuleSettings
  fromMs: number
  /** Not part of it. */
  toMs: number
  /** Is told how far it came, often. */
  onProgress: (atMs: number) => void
  signal: AbortSignal
}

/** A reason why rules said nothing of subjects, all the time or a share of it. */
export type NotJudged = {
  reason: string
  rules: string[]
  /** Names of pool groups and servers. */
  subjects: string[]
  /** Share of the ticks in which they could not judge, 0 to 1. */
  ratio: number
}

/** What would have been. */
export type DryRun = {
  fromMs: number
  toMs: number
  /** How much of the range there are rows of, by their length, finest first. */
  rows: { stepMs: number; coveredMs: number }[]
  subjects: number
  /** As people would have been told, oldest first; each as severe as it ever was, and still firing where the range ends before it. */
  alerts: Alert[]
  /** Where silence says nothing. */
  notJudged: NotJudged[]
  /** Rules that the configuration turns off. */
  off: string[]
}

/**
 * Judges what was recorded as it would have been judged then, and tells nobody.
 * @throws the reason of the signal
 */
export async function dryRun({
  reader,
  rules,
  fromMs,
  toMs,
  onProgress,
  signal,
}: DryRunOptions): Promise<DryRun> {
  let atMs = fromMs
  const fleet = new RecordedFleet({ now: () => atMs, tickMs: 1000 })
  const over: Alert[] = []
  const told = new Map<string, Severity>()
  const doubts = new Doubts()
  const engine = new AlertEngine({
    sources: fleet,
    rules,
    missing: MISSING,
    onFinding: (rule, subject, finding) => doubts.take(rule, subject, finding),
    log: {
      append: (alert) => over.push(alert),
      recent: () => [],
      find: () => undefined,
      close: async () => {},
    },
    state: new StateFile(null, () => {}),
    notify: ({ alert, severity }) => told.set(alert.id, severity),
    onBegin: () => {},
  })
  const readColumn: ReadColumn = async (kind, name, query) => finished(reader.readColumn(kind, name, query))
  engine.judge.windows.recall(await pastDays(readColumn, fromMs, signal), fromMs)
  const covered = new Map<number, number>()
  let sinceMs = performance.now()
  for (const tick of recordedTicks(reader, fromMs, toMs)) {
    atMs = tick.atMs
    covered.set(tick.stepMs, (covered.get(tick.stepMs) ?? 0) + tick.forMs)
    fleet.show(atMs, tick.series)
    engine.observe(fleet.tick())
    if (performance.now() - sinceMs < SLICE_MS) continue
    onProgress(atMs)
    await nextTurn()
    signal.throwIfAborted()
    sinceMs = performance.now()
  }
  const alerts = [...over, ...engine.alerts('firing', atMs)].map((alert) => ({
    ...alert,
    severity: told.get(alert.id) ?? alert.severity,
  }))
  return {
    fromMs,
    toMs,
    rows: [...covered]
      .map(([stepMs, coveredMs]) => ({ stepMs, coveredMs }))
      .sort((a, b) => a.stepMs - b.stepMs),
    subjects: doubts.subjects,
    alerts: alerts.sort((a, b) => a.sinceMs - b.sinceMs),
    notJudged: doubts.list(),
    off: RULES.filter(({ id, use }) => use === 'alert' && !engine.judge.isOn(id)).map(({ id }) => id),
  }
}

type Doubt = { rule: string; subject: string; ticks: number; unknown: number; reason: string }

/** How often each rule could not judge each subject, and why at last. */
class Doubts {
  readonly #names = new Map<string, string>()
  readonly #byRule = new Map<string, Map<string, Doubt>>()

  take(rule: string, subject: Subject, { level, sentence }: Finding): void {
    const doubt = this.#byRule.get(rule)?.get(subject.id) ?? this.#begin(rule, subject)
    doubt.ticks += 1
    if (level !== 'unknown') return
    doubt.unknown += 1
    doubt.reason = sentence
  }

  get subjects(): number {
    return this.#names.size
  }

  /** Doubts of one reason together, the longest first. */
  list(): NotJudged[] {
    const byReason = new Map<string, Doubt[]>()
    for (const doubt of [...this.#byRule.values()].flatMap((doubts) => [...doubts.values()])) {
      if (doubt.unknown === 0) continue
      const always = doubt.unknown === doubt.ticks
      const key = `${always} ${doubt.reason}`
      byReason.set(key, [...(byReason.get(key) ?? []), doubt])
    }
    const sum = (doubts: readonly Doubt[], of: 'ticks' | 'unknown') =>
      doubts.reduce((total, doubt) => total + doubt[of], 0)
    return [...byReason.values()]
      .map((doubts) => ({
        reason: (doubts[0] as Doubt).reason,
        rules: [...new Set(doubts.map(({ rule }) => rule))],
        subjects: [...new Set(doubts.map(({ subject }) => this.#names.get(subject) as string))],
        ratio: sum(doubts, 'unknown') / sum(doubts, 'ticks'),
      }))
      .sort((a, b) => b.ratio - a.ratio)
  }

  #begin(rule: string, subject: Subject): Doubt {
    this.#names.set(subject.id, subject.name)
    const doubt = { rule, subject: subject.id, ticks: 0, unknown: 0, reason: '' }
    const known = this.#byRule.get(rule)
    if (known === undefined) this.#byRule.set(rule, new Map([[subject.id, doubt]]))
    else known.set(subject.id, doubt)
    return doubt
  }
}

function finished<T>(work: Generator<void, T>): T {
  for (;;) {
    const step = work.next()
    if (step.done === true) return step.value
  }
}
