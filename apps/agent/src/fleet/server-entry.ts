import type { Connections, ServerError, ServerNow, ServerState, Session } from '@poolscope/protocol'
import type { ServerSample, SessionInspection, Source, SourceUpdate } from '../sources/source.ts'
import { judgeServer } from './status.ts'

const UNKNOWN: Connections = { active: null, idle: null, idleInTransaction: null, other: null, total: null }

/** One watched server: its last sample and what stands in the way of the next one. */
export class ServerEntry {
  readonly source: Pick<Source, 'id' | 'name' | 'system' | 'address'>
  state: ServerState = 'connecting'
  error: ServerError | null = null
  sample: ServerSample | null = null
  /** Who owns which session, by process id; set by attribution. */
  owners = new Map<number, string>()
  /** Watched servers behind the pools that it keeps, by the pool's id; set by attribution. */
  upstreams = new Map<string, string>()
  /** Watched poolers that lead here, which will name their sessions; set by attribution. */
  poolers = new Set<ServerEntry>()
  #sessions = new Map<number, Omit<Session, 'poolId'>>()
  #inspections = new Map<number, SessionInspection>()
  #blocked = new Map<number, number>()

  constructor(source: Pick<Source, 'id' | 'name' | 'system' | 'address'>) {
    this.source = source
  }

  /** Takes in what the source says. The last sample stays when the server is lost. */
  take(update: SourceUpdate, atMs: number): void {
    this.state = update.state
    if (update.error === null) this.error = null
    else if (this.error?.code === update.error.code)
      this.error = { ...update.error, sinceMs: this.error.sinceMs }
    else this.error = { ...update.error, sinceMs: atMs }
    if (update.sample === null) return
    this.sample = update.sample
    this.#sessions = new Map(update.sample.sessions.map((session) => [session.pid, session]))
    const inspections = update.sample.inspections ?? []
    this.#inspections = new Map(inspections.map((inspection) => [inspection.pid, inspection]))
    this.#blocked = countBlocked(inspections)
  }

  /** True when the numbers are the last known: not up, or three samples missing. */
  isStale(atMs: number): boolean {
    if (this.sample === null) return false
    return this.state !== 'up' || atMs - this.sample.atMs > 3 * this.sample.intervalMs + 500
  }

  /** The session of a process id, if the last sample has it. */
  session(pid: number): Omit<Session, 'poolId'> | undefined {
    return this.#sessions.get(pid)
  }

  /** What the last sample's closer look at a session found; undefined where it took none. */
  inspection(pid: number): SessionInspection | undefined {
    return this.#inspections.get(pid)
  }

  /** How many sessions a session keeps waiting for a lock; null where the source does not look for that. */
  blocks(pid: number): number | null {
    if (this.sample?.inspections === undefined) return null
    return this.#blocked.get(pid) ?? 0
  }

  /** What the server is now; `pools` are those with a probe that lead here. */
  now(atMs: number, pools: ServerNow['pools']): ServerNow {
    const { sample, source } = this
    const total = sample?.connections.total ?? null
    const max = sample?.maxConnections ?? null
    const reserved = sample?.reservedConnections ?? null
    const usable = max === null ? null : max - (reserved === null ? 0 : reserved)
    const facts = {
      state: this.state,
      error: this.error,
      stale: this.isStale(atMs),
      maxConnections: max,
      reservedConnections: reserved,
      connections: sample?.connections ?? UNKNOWN,
      usedRatio: total === null || usable === null || usable <= 0 ? null : total / usable,
    }
    return {
      id: source.id,
      name: source.name,
      system: source.system,
      version: sample?.version ?? null,
      address: source.address,
      ...facts,
      pools,
      details: sample?.details ?? [],
      limits: sample?.limits ?? [],
      upstreamIds: [...new Set(this.upstreams.values())],
      sampleIntervalMs: sample?.intervalMs ?? null,
      sampleMs: sample?.sampleMs ?? null,
      startedAtMs: sample?.startedAtMs ?? null,
      ...judgeServer(facts),
      atMs: sample?.atMs ?? null,
    }
  }
}

function countBlocked(inspections: readonly SessionInspection[]): Map<number, number> {
  const counts = new Map<number, number>()
  for (const { blockedBy } of inspections) {
    for (const pid of blockedBy) counts.set(pid, (counts.get(pid) ?? 0) + 1)
  }
  return counts
}
