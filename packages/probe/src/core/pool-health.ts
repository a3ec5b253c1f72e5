import type { HEALTHS, System } from '@poolscope/protocol'
import type { PoolGauges, PoolMeter } from './meter.ts'

/** How a pool stands for a health check. */
export type HealthStatus = (typeof HEALTHS)[number]

/** One pool of this process, by its counters. */
export type PoolHealth = {
  name: string
  system: System
  status: HealthStatus
  /** Every connection is in use, which is no failure. */
  busy: boolean
  inUse: number
  /** `null` where the pool has no limit. */
  max: number | null
  /** Callers without a connection. */
  waiting: number
  /** For how long it has been full and nothing came back, ms; 0 where it is not full, `null` without a limit. */
  stillMs: number | null
  /** Why it is not healthy; `null` where it is. */
  reason: string | null
}

/** When a check fails, see the protocol's `HEALTH_LIMITS`; a test holds the two together. */
export const LIMITS = { stuckMs: 30_000, recoverMs: 5000, manyWaiting: 10, fewWaiting: 5 } as const

/** What earlier checks found, so that an answer does not flap. */
class Findings {
  /** It was stuck, and at the checks since this moment it was not; infinite while it is. */
  #recoversSinceMs: number | null = null
  #crowded = false

  /** @returns what is wrong now; `null` where nothing is */
  judge({ stillMs, waiting }: PoolGauges, nowMs: number, compatibility: boolean): Finding | null {
    const stuck = stillMs !== null && stillMs >= LIMITS.stuckMs
    if (waiting > LIMITS.manyWaiting) this.#crowded = true
    else if (waiting <= LIMITS.fewWaiting) this.#crowded = false
    if (stuck) {
      this.#recoversSinceMs = Number.POSITIVE_INFINITY
      return { status: 'unhealthy', reason: 'Stuck: full, and nothing came back for 30 s.' }
    }
    if (this.#recovers(nowMs)) {
      return { status: 'degraded', reason: 'Recovering: it was stuck, and connections come back again.' }
    }
    if (compatibility && this.#crowded) return { status: 'degraded', reason: 'High connection wait queue' }
    return null
  }

  #recovers(nowMs: number): boolean {
    if (this.#recoversSinceMs === null) return false
    this.#recoversSinceMs = Math.min(this.#recoversSinceMs, nowMs)
    if (nowMs - this.#recoversSinceMs < LIMITS.recoverMs) return true
    this.#recoversSinceMs = null
    return false
  }
}

type Finding = { status: HealthStatus; reason: string }

const findings = new WeakMap<PoolMeter, Findings>()

/** Judges a pool by its counters. @returns `null` for one that is gone */
export function poolHealth(meter: PoolMeter, nowMs: number, compatibility: boolean): PoolHealth | null {
  const gauges = meter.gauges(nowMs)
  if (gauges === null || meter.ended) return null
  const earlier = findings.get(meter) ?? new Findings()
  findings.set(meter, earlier)
  const { status = 'healthy', reason = null } = earlier.judge(gauges, nowMs, compatibility) ?? {}
  const { full, inUse, max, waiting, stillMs } = gauges
  return { name: meter.name, system: meter.system, status, busy: full, inUse, max, waiting, stillMs, reason }
}
