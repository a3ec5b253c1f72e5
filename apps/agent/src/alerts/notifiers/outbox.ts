import type { NotifierStatus } from '@poolscope/protocol'
import type { Transition } from '../engine.ts'
import type { StateFile } from '../state-file.ts'
import type { Notifier, NotifierConfig } from './notifier.ts'
import { Tally } from './notifier.ts'
import type { Posted } from './post.ts'

/** News that waits beyond this is news no more; the oldest makes room. */
const MOST_QUEUED = 1000
/** Transitions that are remembered as told. */
const MOST_SENT = 2000

/** What an outbox remembers across a restart. */
export type OutboxState = { queue: { transition: Transition; sinceMs: number }[]; sent: string[] }

/** When a message is tried again. */
export type Retry = {
  /** The first pause, ms; each next one is twice as long. */
  firstMs: number
  /** The longest pause, ms. */
  longestMs: number
  /** A message that is older is given up, ms. */
  giveUpMs: number
}

/** A minute's outage costs a few attempts; an hour's is given up. */
const RETRY: Retry = { firstMs: 1000, longestMs: 300_000, giveUpMs: 3_600_000 }

/** What an outbox needs from outside. */
export type OutboxOptions = {
  config: NotifierConfig
  /** Sends one; never throws. */
  send: (transition: Transition, signal: AbortSignal) => Promise<Posted>
  state: StateFile<OutboxState>
  now: () => number
  random: () => number
  retry?: Retry
  /** Shortest time between two messages, ms. */
  spacingMs?: number
}

/** News in order, one at a time, each until it is taken, refused or too old; none that was taken before. */
export class Outbox implements Notifier {
  readonly #options: OutboxOptions
  readonly #retry: Retry
  readonly #tally: Tally
  readonly #stop = new AbortController()
  #queue: OutboxState['queue']
  #sent: string[]
  #attempts = 0
  #timer: NodeJS.Timeout | null = null
  #running: Promise<void> | null = null

  constructor(options: OutboxOptions) {
    this.#options = options
    this.#retry = options.retry ?? RETRY
    this.#tally = new Tally(options.config, options.now)
    const saved = options.state.read()
    this.#queue = saved?.queue ?? []
    this.#sent = saved?.sent ?? []
    if (this.#queue.length > 0) this.#runAfter(0)
  }

  notify(transition: Transition): void {
    const known =
      this.#sent.includes(transition.id) || this.#queue.some((job) => job.transition.id === transition.id)
    if (known || this.#stop.signal.aborted) return
    this.#queue.push({ transition, sinceMs: this.#options.now() })
    if (this.#queue.length > MOST_QUEUED) {
      this.#queue.shift()
      this.#tally.droppedTotal += 1
    }
    this.#save()
    if (this.#timer === null && this.#running === null) this.#runAfter(0)
  }

  remind(): void {}

  status(): NotifierStatus {
    return this.#tally.status(this.#queue.length)
  }

  async close(): Promise<void> {
    this.#stop.abort()
    if (this.#timer !== null) clearTimeout(this.#timer)
    await this.#running
    await this.#options.state.close()
  }

  #runAfter(ms: number): void {
    this.#timer = setTimeout(() => {
      this.#timer = null
      this.#running = this.#sendFirst().finally(() => {
        this.#running = null
      })
    }, ms)
    this.#timer.unref()
  }

  async #sendFirst(): Promise<void> {
    const job = this.#queue[0]
    if (job === undefined) return
    const posted = await this.#options.send(job.transition, this.#stop.signal)
    if (this.#stop.signal.aborted && posted.outcome !== 'taken') return
    const tooOld = this.#options.now() - job.sinceMs > this.#retry.giveUpMs
    if (posted.outcome === 'taken') {
      this.#tally.succeed()
      this.#done(job)
    } else {
      this.#tally.fail(posted.reason)
      if (posted.outcome === 'refused' || tooOld) {
        this.#tally.droppedTotal += 1
        this.#done(job)
      }
    }
    if (this.#queue.length === 0 || this.#stop.signal.aborted) return
    const asked = posted.outcome === 'later' ? posted.afterMs : null
    this.#runAfter(this.#queue[0] === job ? this.#pause(asked) : (this.#options.spacingMs ?? 0))
  }

  #done(job: OutboxState['queue'][number]): void {
    this.#attempts = 0
    this.#queue = this.#queue.filter((other) => other !== job)
    this.#sent = [...this.#sent, job.transition.id].slice(-MOST_SENT)
    this.#save()
  }

  /** Doubled each time, half of it by chance, so that many agents do not come back together. */
  #pause(askedMs: number | null): number {
    const { firstMs, longestMs } = this.#retry
    const ms = Math.min(longestMs, firstMs * 2 ** this.#attempts)
    this.#attempts += 1
    return askedMs ?? ms * (0.5 + this.#options.random() / 2)
  }

  #save(): void {
    this.#options.state.write({ queue: this.#queue, sent: this.#sent })
  }
}
