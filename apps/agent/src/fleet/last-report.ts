import type {
  HolderReport,
  IgnoredOption,
  PoolReport,
  PoolTarget,
  System,
  Transaction,
  Turnable,
} from '@poolscope/protocol'

/** A connection in use as last reported: what was not said is `null`, or `false` where it is seldom so. */
class Hold implements Required<HolderReport> {
  heldMs = Number.NaN
  sessionPid: number | null = null
  stack: string[] | null = null
  quietMs: number | null = null
  running: boolean | null = null
  transaction: Transaction | null = null
  listening = false
  gone = false

  take(hold: HolderReport): void {
    this.heldMs = hold.heldMs
    this.sessionPid = hold.sessionPid
    this.stack = hold.stack
    this.quietMs = hold.quietMs ?? null
    this.running = hold.running ?? null
    this.transaction = hold.transaction ?? null
    this.listening = hold.listening === true
    this.gone = hold.gone === true
  }
}

/**
 * What a pool last reported, without what happened in the window. Reports are written over each other, and what
 * stays the same is not taken anew: what is kept of each for a second is what a garbage collector has most work with.
 */
export class LastReport {
  readonly name: string
  readonly system: System
  target: PoolTarget
  max: number | null = null
  min: number | null = null
  acquireTimeoutMs: number | null = null
  idleTimeoutMs: number | null = null
  maxLifetimeMs: number | null = null
  ignoredOptions: IgnoredOption[] | null = null
  turnable: Turnable | null = null
  inUse = 0
  idle = 0
  connecting = 0
  waiting = 0
  oldestWaitMs: number | null = null
  inUsePeak = 0
  waitingPeak = 0
  sessionPids: readonly number[]
  readonly #holders: Hold[] = []

  constructor(pool: PoolReport) {
    this.name = pool.name
    this.system = pool.system
    this.target = pool.target
    this.sessionPids = pool.sessionPids
    this.take(pool)
  }

  /** Takes in the next report of the same pool. */
  take(pool: PoolReport): void {
    if (!isSameTarget(pool.target, this.target)) this.target = pool.target
    this.max = pool.max
    this.min = pool.min
    this.acquireTimeoutMs = pool.acquireTimeoutMs
    this.idleTimeoutMs = pool.idleTimeoutMs
    this.maxLifetimeMs = pool.maxLifetimeMs ?? null
    this.ignoredOptions = pool.ignoredOptions ?? null
    this.turnable = pool.turnable ?? null
    this.inUse = pool.inUse
    this.idle = pool.idle
    this.connecting = pool.connecting
    this.waiting = pool.waiting
    this.oldestWaitMs = pool.oldestWaitMs
    this.inUsePeak = pool.window.inUsePeak
    this.waitingPeak = pool.window.waitingPeak
    if (!isSameList(pool.sessionPids, this.sessionPids)) this.sessionPids = pool.sessionPids
    this.#takeHolders(pool.holders)
  }

  /** Connections in use, longest held first: those of the next report are written over them. */
  get holders(): readonly Readonly<Hold>[] {
    return this.#holders
  }

  #takeHolders(reported: readonly HolderReport[]): void {
    const holders = this.#holders
    if (holders.length > reported.length) holders.length = reported.length
    for (let place = 0; place < reported.length; place++) {
      let hold = holders[place]
      if (hold === undefined) {
        hold = new Hold()
        holders.push(hold)
      }
      hold.take(reported[place] as HolderReport)
    }
  }
}

function isSameTarget(a: PoolTarget, b: PoolTarget): boolean {
  return a.host === b.host && a.port === b.port && a.database === b.database && a.user === b.user
}

function isSameList(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}
