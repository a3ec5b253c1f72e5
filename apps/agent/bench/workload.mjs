// Reports of a busy fleet: the same numbers in every run, new ones on every call.
import { bucketOf, encodeTrace } from '@poolscope/protocol'

/** A small generator of repeatable numbers in [0, 1). */
function repeatable(seed = 1) {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

function histogram(random, count) {
  const counts = new Map()
  let sumMs = 0
  let maxMs = 0
  for (let i = 0; i < count; i++) {
    const ms = Math.exp(Math.log(8) + 1.2 * (random() + random() + random() - 1.5) * 2)
    const bucket = bucketOf(ms)
    counts.set(bucket, (counts.get(bucket) ?? 0) + 1)
    sumMs += ms
    maxMs = Math.max(maxMs, ms)
  }
  return { buckets: [...counts].sort((a, b) => a[0] - b[0]).flat(), sumMs, maxMs }
}

/** Every checkout of a second, packed. */
function trace(random, checkouts) {
  const block = encodeTrace({
    windowMs: 1000,
    arrivalMs: Float64Array.from({ length: checkouts }, () => random() * 1000).sort(),
    waitMs: Float64Array.from({ length: checkouts }, () => (random() < 0.9 ? 0 : random() * 20)),
    holdMs: Float64Array.from({ length: checkouts }, () => random() * 50),
    caller: new Uint32Array(checkouts),
    inFlight: [],
  })
  return Buffer.from(block).toString('base64')
}

/** One pool as a probe reports it after a busy second. */
function busyPool(random, index, fromMs) {
  const checkouts = 20 + Math.floor(random() * 200)
  const inUse = Math.floor(random() * 20)
  return {
    name: `pool-${index}`,
    system: 'postgresql',
    target: { host: 'db.internal', port: 5432, database: 'shop', user: 'app' },
    max: 20,
    min: 2,
    acquireTimeoutMs: 5000,
    idleTimeoutMs: 10_000,
    inUse,
    idle: 20 - inUse,
    connecting: 0,
    waiting: Math.floor(random() * 3),
    oldestWaitMs: random() * 20,
    ended: false,
    window: {
      checkouts,
      timeouts: 0,
      errors: 0,
      created: Math.floor(random() * 2),
      destroyed: 0,
      inUsePeak: 20,
      waitingPeak: 3,
      wait: histogram(random, checkouts),
      hold: histogram(random, checkouts),
      create: histogram(random, 1),
    },
    trace: { fromMs, data: trace(random, checkouts) },
    sessionPids: Array.from({ length: 20 }, (_, i) => index * 20 + i),
    holders: Array.from({ length: Math.min(inUse, 5) }, (_, i) => ({
      heldMs: random() * 50,
      sessionPid: index * 20 + i,
      stack: null,
    })),
  }
}

/** A function that makes one report a pool, each from a service of its own. */
export function busyReports(pools, perReport = 1) {
  const random = repeatable()
  let sequence = 0
  return () => {
    sequence += 1
    return Array.from({ length: pools / perReport }, (_, index) => ({
      protocol: 1,
      probe: 'bench/1',
      service: `service-${index}`,
      instance: 'host-1:1',
      startedAtMs: 1_700_000_000_000,
      sequence,
      windowMs: 1000,
      droppedTotal: 0,
      pools: Array.from({ length: perReport }, (_, i) =>
        busyPool(random, index * perReport + i, sequence * 1000),
      ),
    }))
  }
}
