/** Numbers from 0 up to 1, the same for the same seed ("mulberry32"), and the draws made of them. */
export function draws(seed) {
  let state = seed >>> 0
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const exponential = (mean) => -Math.log(1 - uniform()) * mean
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform())
  return {
    uniform,
    exponential,
    logNormal: (mean, sigma) => mean * Math.exp(sigma * normal() - (sigma * sigma) / 2),
  }
}

/** Arrival times, ms, of a process whose rate (per second) is given by the time and changes at most every 10 ms. */
export function arrivals(random, ratePerSec, windowMs) {
  const times = []
  let need = random.exponential(1)
  for (let t = 0; t < windowMs; t += 10) {
    let left = (ratePerSec(t) * 10) / 1000
    let from = t
    while (need <= left) {
      from += (need / left) * (t + 10 - from)
      times.push(from)
      left -= need
      need = random.exponential(1)
    }
    need -= left
  }
  return times
}

/** A rate that switches between two values at random times. */
export function switching(random, low, high, lowMs, highMs, windowMs) {
  const changes = []
  let isHigh = false
  for (let t = 0; t < windowMs; ) {
    const until = t + random.exponential(isHigh ? highMs : lowMs)
    changes.push({ until, rate: isHigh ? high : low })
    isHigh = !isHigh
    t = until
  }
  let next = 0
  // Asked with rising times.
  return (t) => {
    while (next < changes.length - 1 && t >= changes[next].until) next++
    return changes[next].rate
  }
}
