import type { PoolReport } from '@poolscope/protocol'
import { Backoff, INTERVAL_MS, verdictOf } from './backoff.ts'
import type { Destination } from './identity.ts'
import type { PoolMeter } from './meter.ts'
import { LOOK_MS } from './quiet.ts'
import { quietly } from './replace.ts'
import { maxWishesOf, wishesOf } from './reply.ts'
import { BODY_LIMITS, PROBE, reportOf, writeReport } from './report.ts'
import { Sender } from './send.ts'

/** Longest stretch that one report may be about. What is older says nothing about now, and is given up. */
const LONGEST_WINDOW_MS = 300_000
/** Between an answer and the next report, however long the answer took. */
const SHORTEST_GAP_MS = 250

/** What is sent until it is answered: always the same, so that the agent knows it again when only its answer was lost. */
type Unanswered = {
  json: string
  /** When its window began, ms on the process's own clock. */
  fromMs: number
  pools: number
  /** Pools and holders left out of it. */
  cut: number
  /** Pools that it says the end of. */
  ended: readonly PoolMeter[]
}

/**
 * Sends one report a second about all pools of one destination. One that was not answered is sent again; what happens
 * meanwhile is counted for the next one. So an agent that restarts misses nothing, and none counts anything twice. Keeps
 * nothing alive and never throws.
 */
export class Reporter {
  readonly #destination: Destination
  readonly #sender: Sender
  readonly #backoff = new Backoff()
  readonly #meters = new Set<PoolMeter>()
  #timer: NodeJS.Timeout | null = null
  #looking: NodeJS.Timeout | null = null
  #inFlight: Promise<void> | null = null
  /** Someone asked for a report while one was in flight. */
  #again = false
  /** Nobody takes the reports: only the timer tries again. */
  #failing = false
  /** Begins anywhere, so that two copies of the probe in one process are told apart. */
  #sequence = Math.floor(Math.random() * 2 ** 40)
  #unanswered: Unanswered | null = null
  #droppedTotal = 0
  #windowStartMs = performance.now()

  constructor(destination: Destination) {
    this.#destination = destination
    this.#sender = new Sender(destination.url, destination.token, `poolscope-probe (${PROBE})`)
  }

  /** The pools that it reports. */
  get meters(): Iterable<PoolMeter> {
    return this.#meters
  }

  /** Reports of this pool from now on. A name that is taken gets a number. */
  add(meter: PoolMeter): void {
    const taken = new Set([...this.#meters].map((other) => other.name))
    const wanted = meter.name
    for (let n = 2; taken.has(meter.name); n++) meter.name = `${wanted.slice(0, 190)}#${n}`
    if (this.#meters.size === 0) this.#windowStartMs = performance.now()
    this.#meters.add(meter)
    this.#looking ??= setInterval(() => this.#look(), LOOK_MS).unref()
    // A random phase, so that the processes of a fleet do not report at the same moment.
    if (this.#timer === null) this.#schedule(Math.random() * INTERVAL_MS)
  }

  /** The pool was shut down or is watched no more: says so at once, and forgets it once that is delivered. */
  end(meter: PoolMeter): void {
    if (meter.ended || !this.#meters.has(meter)) return
    meter.ended = true
    if (this.#inFlight !== null) this.#again = true
    else if (!this.#failing) this.#send()
  }

  /** Sends a last report and keeps the process alive until it is answered, a few seconds at most. Never rejects. */
  async flush(): Promise<void> {
    // Nothing else here holds the process: not the timer, not the connection.
    const alive = setTimeout(() => {}, 60_000)
    if (this.#inFlight !== null) await this.#inFlight
    const isRepeated = this.#unanswered !== null
    await (this.#inFlight ?? this.#send())
    if (isRepeated && this.#unanswered === null) await (this.#inFlight ?? this.#send())
    clearTimeout(alive)
  }

  #look(): void {
    for (const meter of this.#meters) quietly(() => meter.look())
    if (this.#meters.size > 0 || this.#looking === null) return
    clearInterval(this.#looking)
    this.#looking = null
  }

  #schedule(delayMs: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#timer = null
      this.#send()
    }, delayMs)
    this.#timer.unref()
  }

  #send(): Promise<void> {
    if (this.#inFlight !== null) return this.#inFlight
    this.#again = false
    const sent = this.#exchange().catch(() => this.#schedule(30_000))
    this.#inFlight = sent.then(() => {
      this.#inFlight = null
      if (this.#again && !this.#failing) this.#send()
    })
    return this.#inFlight
  }

  async #exchange(): Promise<void> {
    const startMs = performance.now()
    const isRepeated = this.#unanswered !== null
    const report = this.#unanswered ?? this.#write(startMs)
    if (report === null) return
    this.#unanswered = report
    const answer = await this.#sender.send(report.json)
    const verdict = verdictOf(answer)
    this.#failing = verdict !== 'delivered'
    if (answer !== null) this.#grant(answer.body)
    if (answer !== null && !this.#failing) this.#turn(answer.body)
    if (verdict !== 'again' || startMs - report.fromMs > LONGEST_WINDOW_MS) {
      this.#droppedTotal += this.#failing ? report.pools : report.cut
      for (const meter of report.ended) this.#meters.delete(meter)
      this.#unanswered = null
    }
    const spentMs = this.#failing ? 0 : performance.now() - startMs
    // After one that was late the next is due.
    const delayMs = isRepeated && !this.#failing ? 0 : this.#backoff.after(answer) - spentMs
    this.#schedule(Math.max(SHORTEST_GAP_MS, delayMs))
  }

  /** Writes what happened since the report before; `null` when there is no pool left. */
  #write(nowMs: number): Unanswered | null {
    const meters = [...this.#meters].slice(0, BODY_LIMITS.pools)
    const { pools, cut } = this.#collect(meters)
    if (this.#meters.size === 0) return null
    const fromMs = this.#windowStartMs
    const written = writeReport(
      reportOf(
        {
          service: this.#destination.service,
          instance: this.#destination.instance,
          startedAtMs: Math.round(performance.timeOrigin),
          sequence: ++this.#sequence,
          windowMs: nowMs - fromMs,
          droppedTotal: this.#droppedTotal,
        },
        pools,
      ),
    )
    this.#windowStartMs = nowMs
    return {
      json: written.json,
      fromMs,
      pools: pools.length,
      cut: cut + written.cut,
      ended: meters.filter((meter) => meter.ended),
    }
  }

  /** Does what the agent asks for. */
  #grant(body: string): void {
    const nowMs = performance.now()
    for (const { system, name, forMs } of wishesOf(body)) {
      for (const meter of this.#meters) {
        if (meter.name === name && meter.system === system) meter.sampler.captureAll(nowMs + forMs, nowMs)
      }
    }
  }

  /** Changes the sizes that the agent wants changed, and takes back what it wants no more. */
  #turn(body: string): void {
    const wishes = maxWishesOf(body)
    for (const { knob, name, system } of this.#meters) {
      knob?.take(wishes.find((wish) => wish.name === name && wish.system === system) ?? null)
    }
  }

  #collect(meters: PoolMeter[]): { pools: PoolReport[]; cut: number } {
    const pools: PoolReport[] = []
    let cut = this.#meters.size - meters.length
    for (const meter of meters) {
      const collected = collectedFrom(meter)
      if (collected === null) {
        this.#meters.delete(meter)
        continue
      }
      pools.push(collected.report)
      cut += collected.cut
    }
    return { pools, cut }
  }
}

/** `null` for a pool that is gone or broken: it must not cost the others their report. */
function collectedFrom(meter: PoolMeter): ReturnType<PoolMeter['collect']> {
  try {
    return meter.collect()
  } catch {
    return null
  }
}

const reporters = new Map<string, Reporter>()

/** The reporter of a destination; pools that go to the same one share it. */
export function reporterFor(destination: Destination): Reporter {
  const key = JSON.stringify([
    destination.url.href,
    destination.token,
    destination.service,
    destination.instance,
  ])
  const known = reporters.get(key)
  if (known !== undefined) return known
  const reporter = new Reporter(destination)
  reporters.set(key, reporter)
  return reporter
}

/** Every pool of this process that is watched. */
export function watchedMeters(): PoolMeter[] {
  return [...reporters.values()].flatMap((reporter) => [...reporter.meters])
}

/**
 * Sends what was measured since the last report, and waits until it is answered: for a clean shut-down, and for
 * tests. Takes at most a few seconds when nobody answers. Never rejects.
 */
export async function flush(): Promise<void> {
  await Promise.all([...reporters.values()].map((reporter) => reporter.flush()))
}
