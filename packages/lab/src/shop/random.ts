/** Repeatable numbers in [0, 1) from a seed. */
export type Random = () => number

/** A generator that gives the same numbers for the same seed. @see Steele, Vigna 2014 (SplitMix) for the mixing */
export function seeded(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x9e3779b9) >>> 0
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32
  }
}

/** Time to the next arrival of a Poisson stream, ms. */
export function nextArrivalMs(random: Random, perSec: number): number {
  return (-Math.log(1 - random()) / perSec) * 1000
}

/** A duration around a median with a long tail, ms; `spread` 0.5 puts p99 at 3.2 times the median. */
export function tailedMs(random: Random, medianMs: number, spread: number): number {
  // Two uniforms to one normal: Box and Muller, 1958.
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  return medianMs * Math.exp(spread * normal)
}

/** An index below `count`, the low ones far more often: a few products are popular. */
export function popular(random: Random, count: number): number {
  return Math.floor(count * random() ** 3)
}
