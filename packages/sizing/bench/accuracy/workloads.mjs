import { arrivals, draws, switching } from './random.mjs'

const sleep = (ms) => `select pg_sleep(${(ms / 1000).toFixed(6)})`
const cpu = () => 'select count(md5(i::text)) from generate_series(1, 10000) i'
/** One of three locks of a size, held for the second sleep. */
const lock = (beforeMs, lockedMs, which) =>
  `${sleep(beforeMs)}; select pg_advisory_xact_lock(${which}); ${sleep(lockedMs)}`

/** Open traffic: one checkout each, at its own time. */
function open(rate, job) {
  return (seed, windowMs, size) => {
    const random = draws(seed)
    const times = arrivals(random, rate(random, windowMs), windowMs)
    return times.map((atMs, i) => ({ atMs, caller: i + 1, steps: [{ gapMs: 0, sql: job(random, size) }] }))
  }
}

const poisson = (perSec) => () => () => perSec
const bursty = (low, high) => (random, windowMs) => switching(random, low, high, 3200, 1200, windowMs)
/** A day in one window: from a quarter of the peak to the peak and back. */
const daily = (peak) => (_, windowMs) => (t) =>
  peak * (0.625 - 0.375 * Math.cos((2 * Math.PI * t) / windowMs))
const exponential = (mean) => (random) => sleep(random.exponential(mean))

/**
 * What is run: holds long against the stalls of a busy machine, and so few checkouts a second that the benchmark itself
 * is a small load; a queue depends on the product of the two. `kind` says which target it belongs to: `steady` where holds do not depend on concurrency, `contended`
 * where they do, `dependent` where callers wait for each other. The sizes of a workload run side by side, so that a stall of
 * the machine meets all of them; one that runs `alone` would slow the others down.
 */
export const WORKLOADS = [
  {
    name: 'Poisson, fixed 80 ms',
    kind: 'steady',
    sizes: [6, 7, 9, 14],
    callers: open(poisson(62), () => sleep(80)),
  },
  {
    name: 'Poisson, exponential 80 ms',
    kind: 'steady',
    sizes: [6, 7, 9, 14],
    callers: open(poisson(62), exponential(80)),
  },
  {
    name: 'Poisson, log-normal 80 ms',
    kind: 'steady',
    sizes: [6, 7, 9, 14],
    callers: open(poisson(62), (random) => sleep(random.logNormal(80, 1.2))),
  },
  {
    name: 'bursty, exponential 80 ms',
    kind: 'steady',
    sizes: [6, 8, 11, 16],
    callers: open(bursty(25, 150), exponential(80)),
  },
  {
    name: 'daily, exponential 80 ms',
    kind: 'steady',
    sizes: [6, 7, 9, 14],
    callers: open(daily(87), exponential(80)),
  },
  {
    name: 'Poisson, CPU-bound',
    kind: 'contended',
    alone: true,
    sizes: [2, 3, 6],
    callers: open(poisson(40), cpu),
  },
  {
    name: 'Poisson, three locks',
    kind: 'contended',
    sizes: [4, 5, 8, 14],
    callers: open(poisson(50), (random, size) =>
      lock(random.exponential(24), random.exponential(24), 10 * size + Math.floor(random.uniform() * 3)),
    ),
  },
  {
    name: 'chains of four, exponential 80 ms',
    kind: 'dependent',
    sizes: [6, 7, 9, 14],
    callers: (seed, windowMs) => {
      const random = draws(seed)
      return arrivals(random, () => 15, windowMs).map((atMs, i) => ({
        atMs,
        caller: i + 1,
        steps: Array.from({ length: 4 }, (_, step) => ({
          gapMs: step === 0 ? 0 : random.exponential(8),
          sql: sleep(random.exponential(80)),
        })),
      }))
    },
  },
  {
    name: 'closed loop of 40, exponential 80 ms',
    kind: 'dependent',
    sizes: [5, 7, 10, 16],
    callers: (seed, windowMs) => {
      const random = draws(seed)
      return Array.from({ length: 40 }, (_, i) => ({
        atMs: random.exponential(240),
        caller: i + 1,
        steps: Array.from({ length: Math.ceil(windowMs / 160) }, () => ({
          gapMs: random.exponential(240),
          sql: sleep(random.exponential(80)),
        })),
      }))
    },
  },
]
