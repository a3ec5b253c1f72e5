import type { PoolNow, Session } from '@poolscope/protocol'
import { OWN_NAME } from '../sources/source.ts'
import { groupIdOf, poolIdOf } from './identity.ts'
import type { ServerEntry } from './server-entry.ts'
import { judgePool } from './status.ts'

/** An observed pool without a session is forgotten after this long. */
const FORGET_AFTER_MS = 60_000
/** A session this young may belong to a probe whose next report will name it. */
const YOUNG_MS = 3000
/** A login that takes longer is ended by PostgreSQL, unless its `authentication_timeout` is set. */
const LONGEST_LOGIN_MS = 60_000
/** A pooler that has been silent for longer names nobody's session. */
const POOLER_SILENT_MS = 30_000
/** Ages of sessions are told in whole seconds by some. */
const ROUNDED_MS = 1000
/** Samples in which a login must be seen before it is a pool: a new probe needs one report to claim its sessions. */
const SIGHTINGS = 3
/** Most pools inferred from one server; the rest are counted as dropped. */
const MAX_PER_SERVER = 500

const NO_DURATION = { p50: null, p95: null, p99: null, max: null }

type Key = { application: string; user: string | null; database: string | null; address: string | null }
type Seen = {
  key: Key
  id: string
  groupId: string
  sightings: number
  lastSessionAtMs: number
  inUse: number
  idle: number
}

/** Pools inferred from one server's session list, for applications without a probe. */
export class ObservedPools {
  readonly #server: ServerEntry
  #seen = new Map<string, Seen>()
  droppedTotal = 0

  constructor(server: ServerEntry) {
    this.#server = server
  }

  /** Reads the server's last sample; sessions that a probe owns are left out, and those of agents. */
  update(atMs: number): void {
    const { sample, owners } = this.#server
    if (sample === null) return
    const probed = new Set(
      sample.sessions.filter((session) => owners.has(session.pid)).map((session) => loginOf(session)),
    )
    for (const seen of this.#seen.values()) {
      seen.inUse = 0
      seen.idle = 0
    }
    for (const session of sample.sessions) {
      // Those of other agents, and of this one by way of a pooler, are nobody's pool.
      if (session.application === OWN_NAME) continue
      if (owners.has(session.pid)) continue
      if (isStarting(session) || this.#maySoonBeNamed(session, atMs)) continue
      const young = session.connectedMs !== null && session.connectedMs < YOUNG_MS
      if (young && probed.has(loginOf(session))) continue
      const seen = this.#entry(session)
      if (seen === null) continue
      if (seen.lastSessionAtMs !== atMs) seen.sightings += 1
      seen.lastSessionAtMs = atMs
      if (session.state === 'idle') seen.idle += 1
      else seen.inUse += 1
    }
    for (const [text, seen] of this.#seen) {
      const claimed = seen.lastSessionAtMs !== atMs && probed.has(loginOf(seen.key))
      if (claimed || atMs - seen.lastSessionAtMs > FORGET_AFTER_MS) this.#seen.delete(text)
    }
  }

  /** The pools, with what the server cannot tell as null. */
  now(atMs: number): PoolNow[] {
    const { source, sample } = this.#server
    if (sample === null) return []
    const stale = this.#server.isStale(atMs)
    const shown = [...this.#seen.values()].filter((seen) => seen.sightings >= SIGHTINGS)
    return shown.map(({ key, id, groupId, inUse, idle }) => {
      const numbers = {
        max: null,
        min: null,
        inUse,
        idle,
        connecting: null,
        waiting: null,
        inUsePeak: null,
        waitingPeak: null,
        oldestWaitMs: null,
        utilizationRatio: null,
        waitMs: NO_DURATION,
        holdMs: NO_DURATION,
        createMs: NO_DURATION,
        checkoutsPerSec: null,
        timeoutsPerSec: null,
        errorsPerSec: null,
        createdPerSec: null,
        destroyedPerSec: null,
        holdBusyRatio: null,
        windowMs: 0,
      }
      return {
        id,
        groupId,
        service: serviceOf(key),
        name: nameOf(key),
        instance: key.address ?? 'local socket',
        system: source.system,
        origin: 'observed' as const,
        serverId: source.id,
        upstreamServerId: null,
        mode: null,
        ...numbers,
        acquireTimeoutMs: null,
        idleTimeoutMs: null,
        maxLifetimeMs: null,
        ignoredOptions: null,
        startedAtMs: null,
        ...judgePool({ ...numbers, origin: 'observed', stale }),
        atMs: sample.atMs,
        stale,
      }
    })
  }

  /** The observed pool that a session belongs to. */
  ownerOf(session: Omit<Session, 'poolId'>): string | null {
    const seen = this.#seen.get(JSON.stringify(keyOf(session)))
    return seen === undefined || seen.sightings < SIGHTINGS ? null : seen.id
  }

  /** Whether it began since a pooler that leads here was sampled, so that it may be one of the pooler's. */
  #maySoonBeNamed({ connectedMs }: Omit<Session, 'poolId'>, atMs: number): boolean {
    const { sample, poolers } = this.#server
    if (sample === null || connectedMs === null) return false
    const beganMs = sample.atMs - connectedMs
    return [...poolers].some(({ sample: told }) => {
      if (told === null || atMs - told.atMs > POOLER_SILENT_MS) return false
      return told.atMs < beganMs + ROUNDED_MS
    })
  }

  #entry(session: Omit<Session, 'poolId'>): Seen | null {
    const key = keyOf(session)
    const text = JSON.stringify(key)
    const known = this.#seen.get(text)
    if (known !== undefined) return known
    if (this.#seen.size >= MAX_PER_SERVER) {
      this.droppedTotal += 1
      return null
    }
    const { source } = this.#server
    const groupId = groupIdOf(serviceOf(key), nameOf(key), source.system, source.id)
    const seen: Seen = {
      key,
      groupId,
      id: poolIdOf(groupId, key.address ?? ''),
      sightings: 0,
      lastSessionAtMs: Number.NEGATIVE_INFINITY,
      inUse: 0,
      idle: 0,
    }
    this.#seen.set(text, seen)
    return seen
  }
}

/**
 * A session does not tell its name until it is ready for its first statement. PostgreSQL 18 says so; before it has no
 * state, which however it never has for a login that may not see it.
 */
function isStarting({ application, state, connectedMs }: Omit<Session, 'poolId'>): boolean {
  if (state === 'starting') return true
  return application === '' && state === 'unknown' && connectedMs !== null && connectedMs < LONGEST_LOGIN_MS
}

function keyOf(session: Omit<Session, 'poolId'>): Key {
  const { application, user, database, clientAddress } = session
  return { application, user, database, address: clientAddress }
}

function loginOf(session: Pick<Key, 'application' | 'user' | 'database'>): string {
  return JSON.stringify([session.application, session.user, session.database])
}

function serviceOf(key: Key): string {
  return key.application === '' ? '(no application name)' : key.application
}

function nameOf(key: Key): string {
  return `${key.user ?? '?'}@${key.database ?? '?'}`
}
