/** How long rows of one length are kept. */
export type Tier = { stepMs: number; keepMs: number }

/** 6 h of seconds, 3 d of 10 s, 30 d of minutes, a year of 5 min. */
export const DEFAULT_TIERS: readonly Tier[] = [
  { stepMs: 1000, keepMs: 6 * 3_600_000 },
  { stepMs: 10_000, keepMs: 3 * 86_400_000 },
  { stepMs: 60_000, keepMs: 30 * 86_400_000 },
  { stepMs: 300_000, keepMs: 365 * 86_400_000 },
]
/** A GiB: about a year of 200 series of a busy fleet. Less keeps the oldest for a shorter time. */
export const DEFAULT_BUDGET_BYTES = 1 << 30
/** Below this there is no room for the open chunks of a few hundred series. */
export const LEAST_BUDGET_BYTES = 16 << 20
const MOST_TIERS = 6

/** Rows of a chunk of seconds: five minutes. Longer saves a percent of bytes and costs memory. */
const RAW_ROWS = 300
/** Rows of a chunk of a roll-up, at least; more compress better but are rolled up later. */
const ROLLED_ROWS = 240

/** A tier with what follows from its place. */
export type Level = {
  level: number
  stepSec: number
  keepSec: number
  /** Time that one chunk covers; a whole number of the next level's steps. */
  spanSec: number
}

/** Tiers as the store uses them, finest first. */
export function levelsOf(tiers: readonly Tier[]): Level[] {
  return tiers.map(({ stepMs, keepMs }, level) => {
    const stepSec = stepMs / 1000
    const next = tiers[level + 1]
    const wanted = stepSec * (level === 0 ? RAW_ROWS : ROLLED_ROWS)
    const nextSec = next === undefined ? stepSec : next.stepMs / 1000
    return { level, stepSec, keepSec: keepMs / 1000, spanSec: Math.ceil(wanted / nextSec) * nextSec }
  })
}

/**
 * What is wrong with tiers; null when they will do. A tier is made of the one before, so that this one must keep its
 * rows until the next one's chunk is full, twice over for an agent that was down meanwhile.
 */
export function tiersProblem(tiers: readonly Tier[]): string | null {
  if (tiers.length === 0 || tiers.length > MOST_TIERS) return `expected 1 to ${MOST_TIERS} of them`
  if (tiers[0]?.stepMs !== 1000) return 'expected the first to have a stepMs of 1000, which is a tick'
  const levels = levelsOf(tiers)
  for (const [i, tier] of tiers.entries()) {
    const before = tiers[i - 1]
    if (before !== undefined && (tier.stepMs <= before.stepMs || tier.stepMs % before.stepMs !== 0)) {
      return `expected the stepMs of number ${i + 1} to be a multiple of the one before`
    }
    const next = levels[i + 1]
    const least = (next?.spanSec ?? levels[i]?.spanSec ?? 0) * 2000
    if (tier.keepMs < least) return `expected the keepMs of number ${i + 1} to be at least ${least}`
  }
  return null
}

/** Tiers of a recording: its steps, none of which is ever too old. */
export function recordedTiers(stepsSec: readonly number[]): Tier[] {
  return stepsSec.map((stepSec) => ({ stepMs: stepSec * 1000, keepMs: Number.MAX_SAFE_INTEGER }))
}
