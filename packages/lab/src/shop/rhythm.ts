/** Share of a day at which the shop opens when the demo starts: just before lunch. */
const OPENING = 0.4

type Bump = { at: number; width: number; height: number }

/** Lunch and the evening, as shares of a day. */
const BUMPS: readonly Bump[] = [
  { at: 0.52, width: 0.07, height: 0.75 },
  { at: 0.8, width: 0.06, height: 0.9 },
]
const NIGHT = 0.1

/**
 * How busy the shop is at a moment, 0.1 at night to 1 in the evening.
 * @param elapsedMs since the shop opened
 * @param dayMs length of a day; shorter days change faster
 * @example loadAt(0.4 * 240_000, 240_000) // about 1: opened at 0.4 of the day, 0.4 later it is evening
 */
export function loadAt(elapsedMs: number, dayMs: number): number {
  const time = (elapsedMs / dayMs + OPENING) % 1
  const bumps = BUMPS.reduce((sum, { at, width, height }) => {
    const distance = Math.min(Math.abs(time - at), 1 - Math.abs(time - at))
    return sum + height * Math.exp(-0.5 * (distance / width) ** 2)
  }, 0)
  return Math.min(1, NIGHT + bumps)
}
