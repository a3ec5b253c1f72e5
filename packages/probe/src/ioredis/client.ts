import type { PoolTarget } from '@poolscope/protocol'
import type { PoolAdapter, PoolView } from '../core/pool-adapter.ts'
import { ownMethod, quietly, replace } from '../core/replace.ts'
import type { Reporter } from '../core/reporter.ts'
import { SharedMeter } from '../core/shared-meter.ts'
import type { Slot } from '../core/slot.ts'
import { port, text, timeoutMs } from '../core/values.ts'
import { Calls } from './calls.ts'
import { measuredSendCommand } from './send-command.ts'
import type { RedisClient } from './shape.ts'

const STATUSES = ['connecting', 'connect', 'ready', 'close', 'reconnecting', 'end'] as const

/** Measures one client from now on. Answers how to stop. */
export function measureClient(
  redis: RedisClient,
  reporter: Reporter,
  settings: { name: string; stackEvery: number },
  onFault: () => void,
): () => void {
  const measure = () => {
    const adapter = new RedisAdapter(redis)
    const meter = new SharedMeter(settings.name, adapter, settings.stackEvery)
    const calls = new Calls(meter)
    adapter.calls = calls
    return new Connection(redis, reporter, meter, calls)
  }
  let current = measure()
  const follow = () => {
    try {
      // A client that was shut down can be connected anew: to the agent that is a pool that was started again.
      if (current.meter.ended && redis.status === 'connecting') current = measure()
      current.follow()
    } catch {
      onFault()
    }
  }
  const own = ownMethod(redis, 'sendCommand')
  const undo = replace(
    redis,
    'sendCommand',
    measuredSendCommand(own, () => current, onFault),
  )
  for (const status of STATUSES) redis.on(status, follow)
  follow()
  return () => {
    for (const status of STATUSES) redis.removeListener(status, follow)
    quietly(undo)
    reporter.end(current.meter)
  }
}

/** A client's one connection, through all its openings. */
export class Connection {
  readonly meter: SharedMeter
  readonly calls: Calls
  readonly #redis: RedisClient
  readonly #reporter: Reporter

  constructor(redis: RedisClient, reporter: Reporter, meter: SharedMeter, calls: Calls) {
    this.meter = meter
    this.calls = calls
    this.#redis = redis
    this.#reporter = reporter
    reporter.add(meter)
  }

  /** Takes in what the client's status says. Its events come later than the status itself. */
  follow(): void {
    const { status } = this.#redis
    const { calls } = this
    const { slot } = calls
    if (status === 'connecting' || status === 'connect') {
      if (slot?.state !== 'connecting') {
        this.#drop()
        calls.slot = this.meter.opening({})
      }
    } else if (isOpen(status)) {
      if (slot === null) calls.slot = this.meter.adopt({}, false)
      else if (slot.state === 'connecting') this.#open(slot)
    } else {
      this.#drop()
      if (status === 'end') this.#reporter.end(this.meter)
    }
  }

  #open(slot: Slot): void {
    this.meter.opened(slot)
    // Nobody took it yet: from here on it is idle.
    this.meter.returned(slot)
  }

  #drop(): void {
    const { slot } = this.calls
    if (slot === null) return
    this.calls.drop()
    if (slot.state === 'connecting') this.meter.openFailed(slot)
    else this.meter.closed(slot)
    this.calls.slot = null
  }
}

function isOpen(status: string): boolean {
  return status === 'ready' || status === 'monitoring'
}

/** What the meter asks about a client. Holds it weakly: a client that its owner forgot is not kept. */
class RedisAdapter implements PoolAdapter {
  readonly system = 'redis'
  calls: Calls | null = null
  readonly #redis: WeakRef<RedisClient>

  constructor(redis: RedisClient) {
    this.#redis = new WeakRef(redis)
  }

  view(): PoolView | null {
    const redis = this.#redis.deref()
    if (redis === undefined) return null
    return {
      max: 1,
      min: null,
      acquireTimeoutMs: timeoutMs(redis.options.commandTimeout),
      idleTimeoutMs: null,
      idle: this.calls?.slot?.state === 'returned' ? 1 : 0,
      target: targetOf(redis.options),
    }
  }

  /** The server's number of a client is known to those who ask it, which the probe does not. */
  sessionPid(): null {
    return null
  }
}

/** Where a client leads. Never its password. */
export function targetOf(options: Record<string, unknown>): PoolTarget {
  const { host, path, db } = options
  const socket = text(path, 255)
  return {
    host: socket ?? text(host, 255),
    port: socket === null ? port(options.port) : null,
    database: typeof db === 'number' ? String(db) : null,
    user: text(options.username),
  }
}
