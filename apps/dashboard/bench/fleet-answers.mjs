// A synthetic agent's answers for the built dashboard: a fleet, its history, and a socket's first words.

const duration = (ms) => ({ p50: ms, p95: ms * 3, p99: ms * 8, max: ms * 20 })

export function group(index, atMs) {
  const inUse = (index * 7) % 50
  return {
    id: `group-${index}`,
    service: `service-${Math.floor(index / 7)}`,
    name: ['orders', 'stock', 'users', 'audit', 'prices', 'carts', 'mail'][index % 7],
    system: 'postgresql',
    origin: 'probe',
    serverId: null,
    instances: 3,
    staleInstances: 0,
    max: 50,
    min: 0,
    inUse,
    idle: 50 - inUse,
    connecting: 0,
    waiting: 0,
    inUsePeak: inUse,
    waitingPeak: 0,
    oldestWaitMs: null,
    utilizationRatio: inUse / 50,
    waitMs: duration(0.4),
    holdMs: duration(9),
    createMs: duration(4),
    checkoutsPerSec: 20 + index / 10,
    timeoutsPerSec: 0,
    errorsPerSec: 0,
    createdPerSec: 0.1,
    destroyedPerSec: 0.1,
    windowMs: 10_000,
    status: 'ok',
    reason: null,
    atMs,
    stale: false,
  }
}

/** @param count pool groups */
export function fleetAnswers(count) {
  const fleet = () => {
    const atMs = Date.now()
    const groups = Array.from({ length: count }, (_, index) => group(index, atMs))
    return { atMs, groups, pools: [], servers: [], droppedTotal: 0 }
  }
  const history = () => {
    const toMs = Date.now()
    const steps = Array.from({ length: 60 }, (_, step) => step)
    return {
      fromMs: toMs - 300_000,
      toMs,
      stepMs: 5000,
      atMs: steps.map((step) => toMs - (60 - step) * 5000),
      column: 'inUse',
      groups: Object.fromEntries(
        Array.from({ length: count }, (_, index) => [
          `group-${index}`,
          steps.map((step) => (index * 7 + step * 3) % 50),
        ]),
      ),
    }
  }
  return {
    answers: {
      '/api/v1/fleet': () => JSON.stringify(fleet()),
      '/api/v1/fleet/history': () => JSON.stringify(history()),
    },
    messages: () => [
      JSON.stringify({
        type: 'hello',
        protocol: 1,
        agentVersion: '0.0.0',
        tickMs: 1000,
        atMs: Date.now(),
        poolColumns: [],
        serverColumns: [],
        statuses: [],
        serverStates: [],
        fleet: fleet(),
      }),
    ],
  }
}
