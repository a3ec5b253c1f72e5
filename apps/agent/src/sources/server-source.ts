import { setTimeout as sleep } from 'node:timers/promises'
import type { System } from '@poolscope/protocol'
import type { ServerTarget } from '../config/config.ts'
import type { ConnectionBudget } from './connection-budget.ts'
import type { Engine, EngineSession } from './engine.ts'
import { reconnectDelayMs } from './reconnect-delay.ts'
import { SampleInterval } from './sample-interval.ts'
import type { Source, SourceUpdate } from './source.ts'
import type { SourceEnv } from './source-env.ts'
import { sourceIdOf } from './source-id.ts'

/** A connection that lasted this long clears the count of failures. */
const HEALTHY_MS = 60_000
/** No attempt follows another faster than this, however it failed. */
const LEAST_PAUSE_MS = 250

type Emit = (update: SourceUpdate) => void

/** Samples one server over one held connection: when to ask, when to give up, when to come back. */
export class ServerSource implements Source {
  readonly id: string
  readonly name: string
  readonly system: System
  readonly address: string
  readonly #engine: Engine
  readonly #env: SourceEnv
  readonly #budget: ConnectionBudget
  readonly #stopping = new AbortController()
  #interval = new SampleInterval()
  #running: Promise<void> | null = null
  #inspected: readonly number[] = []

  constructor(target: ServerTarget, engine: Engine, env: SourceEnv, budget: ConnectionBudget) {
    this.id = sourceIdOf(target.system, target.address)
    this.name = target.name
    this.system = engine.system
    this.address = target.address
    this.#engine = engine
    this.#env = env
    this.#budget = budget
  }

  start(onUpdate: Emit): void {
    if (this.#running !== null) return
    const emit: Emit = (update) => {
      if (!this.#stopping.signal.aborted) onUpdate(update)
    }
    emit({ state: 'connecting', error: null, sample: null })
    this.#running = this.#run(emit)
  }

  inspect(pids: readonly number[]): void {
    this.#inspected = pids
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#running
  }

  /** Connects, samples until that fails, says why, waits, and begins again. */
  async #run(emit: Emit): Promise<void> {
    const { signal } = this.#stopping
    let failures = 0
    let failingSinceMs: number | null = null
    while (!signal.aborted) {
      await this.#budget.turn(signal)
      const attempt = { startMs: this.#env.elapsedMs(), connectedMs: null as number | null }
      try {
        await this.#watch(emit, attempt)
      } catch (error) {
        if (signal.aborted) return
        const nowMs = this.#env.elapsedMs()
        const { code, message, state } = this.#engine.describe(error)
        emit({ state, error: { code, message }, sample: null })
        if (attempt.connectedMs !== null && nowMs - attempt.connectedMs >= HEALTHY_MS) {
          failures = 0
          failingSinceMs = null
        }
        failingSinceMs ??= nowMs
        const failingMs = nowMs - failingSinceMs
        const delayMs = reconnectDelayMs({ code, failures, failingMs, random: this.#env.random })
        failures += 1
        // A connection that stood for a while is a fresh failure; one that never did counts from its attempt.
        const spentMs = attempt.connectedMs === null ? nowMs - attempt.startMs : 0
        await pause(Math.max(LEAST_PAUSE_MS, delayMs - spentMs), signal)
      }
    }
  }

  async #watch(emit: Emit, attempt: { connectedMs: number | null }): Promise<void> {
    const { signal } = this.#stopping
    signal.throwIfAborted()
    const session = await this.#engine.open(signal)
    const close = () => void session.close()
    signal.addEventListener('abort', close)
    try {
      attempt.connectedMs = this.#env.elapsedMs()
      while (!signal.aborted) {
        const startMs = this.#env.elapsedMs()
        await this.#sampleOnce(session, emit)
        const spentMs = this.#env.elapsedMs() - startMs
        const { ms } = this.#interval
        // A tick that came while the sample ran is left out, not made up for.
        await Promise.race([pause(ms - (spentMs % ms), signal), session.lost])
      }
    } finally {
      signal.removeEventListener('abort', close)
      await session.close()
    }
  }

  async #sampleOnce(session: EngineSession, emit: Emit): Promise<void> {
    const atMs = this.#env.now()
    const startMs = this.#env.elapsedMs()
    try {
      const { costMs, ...read } = await session.sample(this.#inspected)
      const sampleMs = this.#env.elapsedMs() - startMs
      this.#interval.took(costMs)
      const sample = { ...read, atMs, sampleMs, intervalMs: this.#interval.ms }
      emit({ state: 'up', error: null, sample })
    } catch (error) {
      if (!this.#engine.stands(error)) throw error
      const { code, message, state } = this.#engine.describe(error)
      this.#interval.timedOut()
      emit({ state, error: { code, message }, sample: null })
    }
  }
}

/** Waits; ends early, without an error, when stopped. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {})
}
