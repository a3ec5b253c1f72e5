import pg from 'pg'
import { arrivals, draws, switching } from './random.mjs'

const sleep = (ms) => `select pg_sleep(${(ms / 1000).toFixed(6)})`
const cpu = (rows) => () => `select count(md5(i::text)) from generate_series(1, ${rows}) i`
/** One of three locks of a size, held for the second sleep. */
const lock = (beforeMs, lockedMs, which) =>
  `${sleep(beforeMs)}; select pg_advisory_xact_lock(${which}); ${sleep(lockedMs)}`

/** CPU time of one CPU-bound query, ms. */
const CPU_MS = 12

/** How many rows make a query of {@link CPU_MS} on this machine, by the quickest of some. */
export async function rowsOfCpuJob(url) {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const rows = 20_000
    let quickestMs = Number.POSITIVE_INFINITY
    for (let i = 0; i < 40; i++) {
      const startMs = performance.now()
      await client.query(cpu(rows)())
      quickestMs = Math.min(quickestMs, performance.now() - startMs)
    }
    return Math.round((rows * CPU_MS) / quickestMs)
  } finally {
    await client.end()
  }
}

/** Open traffic: one checkout each, at its own time. */
function open(rate, job) {
  return (seed, windowMs, pool) => {
    const random = draws(seed)
    const times = arrivals(random, rate(random, windowMs), windowMs)
    return times.map((atMs, i) => ({ atMs, caller: i + 1, steps: [{ gapMs: 0, sql: job(random, pool) }] }))
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
 * where they do, `dependent` where callers wait for each other. Sizes leave no gap around the best, so that the best measured
 * is one of them. They run side by side, so that a stall of the machine meets all of them; one that runs `alone` would slow the
 * others down.
 * @param cpuRows rows that make a CPU-bound query
 */
export const workloads = (cpuRows) => [
  {
    name: 'Poisson, fixed 80 ms',
    kind: 'steady',
    sizes: [6, 7, 9, 10, 11, 12, 13, 14],
    callers: open(poisson(62), () => sleep(80)),
  },
  {
    name: 'Poisson, exponential 80 ms',
    kind: 'steady',
    sizes: [6, 7, 8, 9, 10, 11, 12, 14],
    callers: open(poisson(62), exponential(80)),
  },
  {
    name: 'Poisson, log-normal 80 ms',
    kind: 'steady',
    sizes: [6, 7, 8, 9, 10, 14],
    callers: open(poisson(62), (random) => sleep(random.logNormal(80, 1.2))),
  },
  {
    name: 'bursty, exponential 80 ms',
    kind: 'steady',
    sizes: [6, 8, 11, 13, 14, 15, 16],
    callers: open(bursty(25, 150), exponential(80)),
  },
  {
    name: 'daily, exponential 80 ms',
    kind: 'steady',
    sizes: [6, 7, 8, 9, 10, 11, 14],
    callers: open(daily(87), exponential(80)),
  },
  {
    name: 'Poisson, CPU-bound',
    kind: 'contended',
    alone: true,
    sizes: [1, 2, 3, 4],
    callers: open(poisson(45), cpu(cpuRows)),
  },
  {
    name: 'Poisson, three locks',
    kind: 'contended',
    sizes: [4, 5, 7, 8, 9, 10, 14],
    callers: open(poisson(50), (random, { size, copy }) =>
      lock(
        random.exponential(24),
        random.exponential(24),
        20 * size + (copy === 'a' ? 0 : 10) + Math.floor(random.uniform() * 3),
      ),
    ),
  },
  {
    name: 'chains of four, exponential 80 ms',
    kind: 'dependent',
    sizes: [6, 7, 8, 9, 10, 14],
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
    sizes: [5, 7, 10, 11, 12, 13, 14, 16],
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
