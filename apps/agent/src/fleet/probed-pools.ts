import type { PoolReport, Report, ReportReply } from '@poolscope/protocol'
import { PoolEntry } from './pool-entry.ts'
import type { ServerEntry } from './server-entry.ts'

/** Most pools with a probe that one agent keeps; the rest are counted as dropped. */
const MAX_POOLS = 5000
/** A silent pool is forgotten after this long. */
const FORGET_AFTER_MS = 10 * 60_000
/** For how long at a time stacks are asked for; each answer to a report asks anew. */
const CAPTURE_MS = 10_000

/** A process that reports: its pools, also in the order of its last report, so that the next one needs no search. */
type Process = {
  byName: Map<string, PoolEntry>
  inOrder: PoolEntry[]
  /** Of its last report. */
  startedAtMs: number
  sequence: number
}

/** What keeping reported pools needs from outside. */
export type ProbedPoolsOptions = {
  /** For how long a held connection of a pool may be quiet; `null` where it is learned. */
  quietLimitMs: (service: string, name: string) => number | null
  /** The watched server that a pool leads to; `null` where it is not known. */
  serverOf: (pool: PoolEntry) => ServerEntry | null
  /** Is told of a pool that is kept no more. */
  onForgotten: (id: string) => void
}

/** The pools with a probe and the processes that report them: takes reports in, and forgets who is silent. */
export class ProbedPools {
  readonly #options: ProbedPoolsOptions
  #pools = new Map<string, PoolEntry>()
  #processes = new Map<string, Process>()
  /** Reports that were taken in. */
  reportsTotal = 0
  /** Pools that were left out because there is no room for more. */
  refusedTotal = 0

  constructor(options: ProbedPoolsOptions) {
    this.#options = options
  }

  /** In the order in which they came. */
  all(): PoolEntry[] {
    return [...this.#pools.values()]
  }

  get(id: string): PoolEntry | undefined {
    return this.#pools.get(id)
  }

  /** Takes in a checked report, once however often it is sent. Pools beyond the limit are counted and left out. */
  take(report: Report, atMs: number): ReportReply {
    this.reportsTotal += 1
    const key = processKey(report)
    const process = this.#processes.get(key) ?? newProcess()
    const { startedAtMs, sequence } = report
    if (process.startedAtMs === startedAtMs && process.sequence === sequence) {
      return { accepted: report.pools.length, dropped: 0 }
    }
    let kept = 0
    let dropped = 0
    for (const pool of report.pools) {
      const expected = process.inOrder[kept]
      const known = expected?.isOf(pool) ? expected : process.byName.get(nameKey(pool))
      if (pool.ended) {
        if (known !== undefined) this.#forget(known)
        continue
      }
      const entry = known ?? this.#newPool(report, pool, atMs)
      if (entry === null) {
        dropped += 1
        continue
      }
      if (known === undefined) process.byName.set(nameKey(pool), entry)
      entry.take(report, pool, atMs, this.#pools.size)
      entry.watchHolds(report, pool, this.#options.serverOf(entry), atMs)
      process.inOrder[kept++] = entry
    }
    if (process.inOrder.length > kept) process.inOrder.length = kept
    process.startedAtMs = startedAtMs
    process.sequence = sequence
    if (process.byName.size > 0) this.#processes.set(key, process)
    return { accepted: report.pools.length - dropped, dropped, ...wantedStacks(process.inOrder, atMs) }
  }

  /** Forgets pools that were not heard of for long. */
  forgetSilent(atMs: number): void {
    for (const pool of this.#pools.values()) {
      if (atMs - pool.receivedAtMs > FORGET_AFTER_MS) this.#forget(pool)
    }
  }

  #newPool(report: Report, pool: PoolReport, atMs: number): PoolEntry | null {
    if (this.#pools.size >= MAX_POOLS) {
      this.refusedTotal += 1
      return null
    }
    const entry = new PoolEntry(report, pool, atMs, this.#options.quietLimitMs(report.service, pool.name))
    this.#pools.set(entry.id, entry)
    return entry
  }

  #forget(pool: PoolEntry): void {
    this.#pools.delete(pool.id)
    this.#options.onForgotten(pool.id)
    const key = processKey(pool)
    const process = this.#processes.get(key)
    if (process === undefined) return
    process.byName.delete(nameKey(pool.last))
    process.inOrder = process.inOrder.filter((other) => other !== pool)
    if (process.byName.size === 0) this.#processes.delete(key)
  }
}

/** The pools whose every checkout is to have its stack captured for a while; left out where there is none. */
function wantedStacks(pools: readonly PoolEntry[], atMs: number): Pick<ReportReply, 'captureStacks'> | null {
  const suspicious = pools.filter((entry) => entry.holds.wantsStacks(atMs))
  if (suspicious.length === 0) return null
  return {
    captureStacks: suspicious.map(({ last: { system, name } }) => ({ system, name, forMs: CAPTURE_MS })),
  }
}

const newProcess = (): Process => ({ byName: new Map(), inOrder: [], startedAtMs: Number.NaN, sequence: -1 })

function processKey({ service, instance }: { service: string; instance: string }): string {
  return `${service}\n${instance}`
}

function nameKey({ system, name }: { system: string; name: string }): string {
  return `${system}\n${name}`
}
