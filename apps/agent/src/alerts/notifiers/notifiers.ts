import { join } from 'node:path'
import type { NotifierStatus, Severity } from '@poolscope/protocol'
import type { Transition } from '../engine.ts'
import { StateFile } from '../state-file.ts'
import { AlertmanagerNotifier } from './alertmanager.ts'
import type { Notifier, NotifierConfig } from './notifier.ts'
import { Outbox, type Retry } from './outbox.ts'
import { SLACK_SPACING_MS, sendToSlack } from './slack.ts'
import { sendToWebhook } from './webhook.ts'

/** Alertmanager forgets after four of these. */
const REMIND_MS = 60_000

/** What notifiers need from outside. */
export type NotifiersOptions = {
  configs: readonly NotifierConfig[]
  /** Where people open the dashboard; null gives messages without links. */
  publicUrl: string | null
  /** Folder of what was not told yet; null keeps nothing. */
  dir: string | null
  now: () => number
  random: () => number
  onError: (error: unknown) => void
  retry?: Retry
}

const RANK: Record<Severity, number> = { info: 0, warn: 1, critical: 2 }

/** Every way out for news. */
export class Notifiers {
  readonly #all: { notifier: Notifier; atLeast: Severity }[]
  readonly #now: () => number
  #remindedMs: number | null = null

  constructor(options: NotifiersOptions) {
    this.#now = options.now
    this.#all = options.configs.map((config) => ({
      notifier: create(config, options),
      atLeast: config.atLeast,
    }))
  }

  /** Tells everybody who wants to hear of such. Returns at once. */
  notify(transition: Transition): void {
    for (const { notifier, atLeast } of this.#all) {
      if (RANK[transition.severity] >= RANK[atLeast]) notifier.notify(transition)
    }
  }

  /** Repeats what fires to those that forget, once a minute. @param firing asked for only when it is time */
  remind(firing: () => readonly Transition[]): void {
    const nowMs = this.#now()
    if (
      this.#all.length === 0 ||
      (this.#remindedMs !== null && Math.abs(nowMs - this.#remindedMs) < REMIND_MS)
    )
      return
    this.#remindedMs = nowMs
    const all = firing()
    for (const { notifier, atLeast } of this.#all) {
      notifier.remind(all.filter(({ severity }) => RANK[severity] >= RANK[atLeast]))
    }
  }

  status(): NotifierStatus[] {
    return this.#all.map(({ notifier }) => notifier.status())
  }

  async close(): Promise<void> {
    await Promise.all(this.#all.map(({ notifier }) => notifier.close()))
  }
}

function create(config: NotifierConfig, options: NotifiersOptions): Notifier {
  const { publicUrl, dir, now, random, onError, retry } = options
  const linkOf = ({ alert }: Transition) =>
    publicUrl === null ? null : `${publicUrl}/alerts/${encodeURIComponent(alert.id)}`
  if (config.type === 'alertmanager')
    return new AlertmanagerNotifier({ config, linkOf, now, ...(retry === undefined ? {} : { retry }) })
  const file = dir === null ? null : join(dir, `outbox-${config.name.replace(/[^A-Za-z0-9_-]/g, '_')}.json`)
  return new Outbox({
    config,
    state: new StateFile(file, onError),
    now,
    random,
    ...(retry === undefined ? {} : { retry }),
    ...(config.type === 'slack' ? { spacingMs: SLACK_SPACING_MS } : {}),
    send: (transition, signal) =>
      config.type === 'slack'
        ? sendToSlack(config.url, transition, linkOf(transition), signal)
        : sendToWebhook(config, transition, linkOf(transition), now(), signal),
  })
}
