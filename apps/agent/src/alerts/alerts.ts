import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type {
  Alert,
  AlertCounts,
  AlertState,
  Alerts as AlertsAnswer,
  Cause,
  Level,
  Silence,
  SilenceRequest,
} from '@poolscope/protocol'
import type { Fleet } from '../fleet/fleet.ts'
import type { Tick } from '../fleet/fleet-series.ts'
import { Advisor, causeNow } from './advice.ts'
import { type AlertLog, MemoryLog } from './alert-log.ts'
import { BlackBoxes } from './black-boxes.ts'
import { AlertEngine } from './engine.ts'
import { FileLog } from './file-log.ts'
import type { RuleSettings } from './judge.ts'
import type { NotifierConfig } from './notifiers/notifier.ts'
import { Notifiers } from './notifiers/notifiers.ts'
import type { PastDays } from './past-days.ts'
import { StateFile } from './state-file.ts'

/** What alerts are made of. */
export type AlertsOptions = {
  fleet: Fleet
  rules: RuleSettings
  notifiers: readonly NotifierConfig[]
  /** Where people open the dashboard; null gives messages without links. */
  publicUrl: string | null
  /** Folder of what outlives the agent; null keeps nothing. */
  dir: string | null
  random: () => number
  /** Is told of each alert that begins to fire. */
  onFire?: (alert: Alert) => void
  /** Is told what could not be kept, as on a full disk. Alerts go on. */
  onError: (error: unknown) => void
}

/** Alerts of one agent: verdicts over time, who is told of them, and what is kept around them. */
export class Alerts {
  readonly #fleet: Fleet
  readonly #engine: AlertEngine
  readonly #advisor: Advisor
  readonly #notifiers: Notifiers
  readonly #boxes: BlackBoxes
  readonly #log: AlertLog
  readonly #state: ConstructorParameters<typeof AlertEngine>[0]['state']

  constructor(options: AlertsOptions) {
    const { fleet, onError, rules } = options
    const dir = options.dir === null ? null : usable(join(options.dir, 'alerts'), onError)
    const now = () => fleet.nowMs
    this.#fleet = fleet
    this.#log = dir === null ? new MemoryLog() : new FileLog(join(dir, 'resolved.jsonl'), onError)
    this.#state = new StateFile(dir === null ? null : join(dir, 'state.json'), onError)
    this.#boxes = new BlackBoxes({ fleet, dir, onError })
    this.#notifiers = new Notifiers({ ...options, configs: options.notifiers, dir, now })
    this.#engine = new AlertEngine({
      sources: fleet,
      rules,
      log: this.#log,
      state: this.#state,
      notify: (transition) => this.#notifiers.notify(transition),
      onBegin: (alert) => {
        this.#boxes.begin(alert, fleet.nowMs)
        options.onFire?.(alert)
      },
    })
    this.#advisor = new Advisor(this.#engine.judge, () => fleet.snapshot())
  }

  /** Judges a tick, and does what is due. */
  observe(tick: Tick): void {
    const { atMs } = tick.fleet
    this.#engine.observe(tick)
    this.#notifiers.remind(() => this.#engine.told(atMs))
    this.#boxes.tick(atMs, (id) => this.#engine.alert(id, atMs))
  }

  /** Begins what rules remember of the last day from what was stored of it. */
  recall(past: PastDays): void {
    this.#engine.judge.windows.recall(past, this.#fleet.nowMs)
  }

  list(state: AlertState | null): AlertsAnswer {
    const atMs = this.#fleet.nowMs
    const alerts = this.#engine.alerts(state, atMs).map((alert) => this.#withBox(alert))
    return { atMs, counts: this.counts(), alerts, notifiers: this.#notifiers.status() }
  }

  /** One alert that fires or is over; undefined when there is none. */
  one(id: string): Alert | undefined {
    const alert = this.#engine.alert(id, this.#fleet.nowMs)
    return alert === undefined ? undefined : this.#withBox(alert)
  }

  counts(): AlertCounts {
    return this.#engine.counts()
  }

  /** @returns undefined when none of that id fires */
  acknowledge(id: string): Alert | undefined {
    const alert = this.#engine.acknowledge(id, this.#fleet.nowMs)
    return alert === undefined ? undefined : this.#withBox(alert)
  }

  silences(): Silence[] {
    return this.#engine.silences(this.#fleet.nowMs)
  }

  /** @returns null when it is over already, or there are too many */
  silence(request: SilenceRequest): Silence | null {
    return this.#engine.silence(request, this.#fleet.nowMs)
  }

  /** @returns false when there is none of that id */
  unsilence(id: string): boolean {
    return this.#engine.unsilence(id, this.#fleet.nowMs)
  }

  /** The level of a rule on a pool group or a server now. */
  level(rule: string, subject: string): Level {
    return this.#engine.judge.levelOf(rule, subject)
  }

  /** Everything that can be said of every service and server, as JSON text in pieces. */
  adviceJson(): AsyncGenerator<string, void> {
    return this.#advisor.json()
  }

  /** Why callers of a pool group wait, or that they do not; undefined when there is no such group. */
  cause(groupId: string): Cause | undefined {
    return causeNow(this.#engine.judge, this.#fleet.snapshot(), groupId)
  }

  /** The minutes around an alert, gzipped JSON; null when there are none. */
  blackBox(id: string): Promise<Buffer | null> {
    return this.#boxes.read(id)
  }

  /** Writes what is open, and stops telling. */
  async close(): Promise<void> {
    await Promise.all([
      this.#boxes.close(this.#fleet.nowMs),
      this.#notifiers.close(),
      this.#log.close(),
      this.#state.close(),
    ])
  }

  #withBox(alert: Alert): Alert {
    return { ...alert, blackBox: this.#boxes.has(alert.id) }
  }
}

/** The folder, made where it is missing; null where it cannot be, so that alerts go on in memory. */
function usable(dir: string, onError: (error: unknown) => void): string | null {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 })
    return dir
  } catch (error) {
    onError(error)
    return null
  }
}
