import type { NotifierStatus, Severity } from '@poolscope/protocol'
import type { Transition } from '../engine.ts'
import { type Notifier, type NotifierConfig, Tally } from './notifier.ts'
import type { Retry } from './outbox.ts'
import { postJson } from './post.ts'

/** An alert that is not sent again for so long is over for Alertmanager: four reminders. */
const VALID_MS = 240_000
/** What is over is sent again for so long, in case it was not heard. */
const REPEAT_RESOLVED_MS = 300_000

/** One alert as Alertmanager's API v2 takes it. Labels are its identity, so that no value is among them. */
export type PostedAlert = {
  labels: Record<string, string>
  annotations: Record<string, string>
  startsAt: string
  endsAt: string
  generatorURL?: string
}

/** What the notifier needs from outside. */
export type AlertmanagerOptions = {
  config: NotifierConfig & { type: 'alertmanager' }
  linkOf: (transition: Transition) => string | null
  now: () => number
  retry?: Pick<Retry, 'firstMs' | 'longestMs'>
}

const RETRY = { firstMs: 1000, longestMs: 60_000 } as const

/**
 * Tells an Alertmanager what is true, again and again, as it expects: the same alert posted twice is one alert there,
 * and what could not be told is told with the next reminder.
 */
export class AlertmanagerNotifier implements Notifier {
  readonly #options: AlertmanagerOptions
  readonly #url: string
  readonly #tally: Tally
  readonly #stop = new AbortController()
  /** Over, by its labels, with until when it is repeated. */
  #ended = new Map<string, { alert: PostedAlert; untilMs: number }>()
  #waiting = new Map<string, PostedAlert>()
  #sending: Promise<void> | null = null
  #retry: NodeJS.Timeout | null = null
  #failures = 0

  constructor(options: AlertmanagerOptions) {
    this.#options = options
    this.#url = `${options.config.url.replace(/\/+$/, '')}/api/v2/alerts`
    this.#tally = new Tally(options.config, options.now)
  }

  notify(transition: Transition): void {
    const { kind, severity } = transition
    if (kind === 'resolved') this.#end(transition, severity)
    else {
      // The severity is a label, by which receivers are chosen: what became worse is another alert, and the old one ends.
      if (kind === 'worse') for (const lesser of lesserThan(severity)) this.#end(transition, lesser)
      this.#add(this.#posted(transition, severity, null))
    }
    this.#flush()
  }

  remind(firing: readonly Transition[]): void {
    const nowMs = this.#options.now()
    for (const [key, { alert, untilMs }] of this.#ended) {
      if (untilMs < nowMs) this.#ended.delete(key)
      else this.#add(alert)
    }
    for (const transition of firing) this.#add(this.#posted(transition, transition.severity, null))
    this.#flush()
  }

  status(): NotifierStatus {
    return this.#tally.status(this.#waiting.size)
  }

  async close(): Promise<void> {
    this.#stop.abort()
    if (this.#retry !== null) clearTimeout(this.#retry)
    await this.#sending
  }

  #end(transition: Transition, severity: Severity): void {
    const nowMs = this.#options.now()
    const alert = this.#posted(transition, severity, nowMs)
    this.#ended.set(keyOf(alert), { alert, untilMs: nowMs + REPEAT_RESOLVED_MS })
    this.#add(alert)
  }

  #add(alert: PostedAlert): void {
    this.#waiting.set(keyOf(alert), alert)
  }

  #flush(): void {
    if (this.#waiting.size === 0 || this.#stop.signal.aborted || this.#sending !== null) return
    if (this.#retry !== null) clearTimeout(this.#retry)
    this.#retry = null
    this.#sending = this.#send()
  }

  async #send(): Promise<void> {
    const batch = [...this.#waiting.values()]
    this.#waiting.clear()
    const posted = await postJson(this.#url, JSON.stringify(batch), {}, this.#stop.signal)
    this.#sending = null
    if (posted.outcome === 'taken') {
      this.#tally.succeed()
      this.#failures = 0
      this.#flush()
      return
    }
    this.#tally.fail(posted.reason)
    // Again after a while, unless something newer is known of the same alert by then.
    for (const alert of batch) {
      const key = keyOf(alert)
      if (posted.outcome === 'later' && !this.#waiting.has(key)) this.#waiting.set(key, alert)
    }
    if (posted.outcome === 'refused') {
      this.#tally.droppedTotal += batch.length
      return
    }
    const { firstMs, longestMs } = this.#options.retry ?? RETRY
    const pauseMs = posted.afterMs ?? Math.min(longestMs, firstMs * 2 ** this.#failures)
    this.#failures += 1
    this.#retry = setTimeout(() => this.#flush(), pauseMs)
    this.#retry.unref()
  }

  #posted(transition: Transition, severity: Severity, endedMs: number | null): PostedAlert {
    const { alert, opened } = transition
    const link = this.#options.linkOf(transition)
    return {
      labels: {
        alertname: opened.rule,
        severity,
        poolscope_subject: opened.subject,
      },
      annotations: {
        summary: `${alert.title}: ${alert.subjectName}`,
        description: [alert.message, ...alert.symptoms.map(({ message }) => message)].join(' '),
        ...(alert.remedy === null ? {} : { remedy: alert.remedy }),
      },
      startsAt: new Date(alert.sinceMs).toISOString(),
      endsAt: new Date(endedMs ?? this.#options.now() + VALID_MS).toISOString(),
      ...(link === null ? {} : { generatorURL: link }),
    }
  }
}

function keyOf({ labels }: PostedAlert): string {
  return JSON.stringify(labels)
}

function lesserThan(severity: Severity): Severity[] {
  return severity === 'critical' ? ['info', 'warn'] : severity === 'warn' ? ['info'] : []
}
