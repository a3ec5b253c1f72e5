// Ticks of a fleet of pools: the same numbers in every run, as live frames round them.
import { POOL_COLUMNS } from '@poolscope/protocol'
import { threeDigits } from '../dist/fleet/three-digits.js'

function repeatable(seed) {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** One pool: three of ten idle, the others busy in waves with bursts; percentiles of a window of some seconds. */
function aPool(index) {
  const random = repeatable(index + 1)
  const isIdle = index % 10 < 3
  const max = [10, 20, 50][index % 3]
  const normal = () => random() + random() + random() + random() - 2
  let load = 0.4
  let wait = 1
  let hold = 8
  let rate = 80
  return (tick) => {
    if (isIdle && tick % 40 > 2) rate = 0
    else if (tick % 5 === 0) rate = Math.max(0, 80 + 60 * Math.sin(tick / 4000 + index) + 15 * normal())
    const isBurst = Math.sin(tick / 700 + index * 7) > 0.97
    load += (0.3 + 0.25 * Math.sin(tick / 4000 + index) + (isBurst ? 0.5 : 0) - load) * 0.3
    wait *= Math.exp(0.15 * normal()) * (isBurst ? 1.05 : wait > 2 ? 0.97 : 1.01)
    hold *= Math.exp(0.08 * normal()) * (hold > 12 ? 0.98 : 1.01)
    const inUse = isIdle ? 0 : Math.min(max, Math.max(0, Math.round(max * load + normal() * 2)))
    const waiting = inUse === max ? Math.floor(random() * 12) : 0
    const known = rate > 0
    const some = (value) => (known ? value : Number.NaN)
    const named = {
      max,
      min: 2,
      inUse,
      idle: Math.min(max - inUse, 5),
      connecting: isBurst && random() < 0.3 ? 1 : 0,
      waiting,
      inUsePeak: Math.min(max, inUse + Math.floor(random() * 3)),
      waitingPeak: waiting + (isBurst ? Math.floor(random() * 4) : 0),
      oldestWaitMs: waiting > 0 ? random() * 400 : Number.NaN,
      waitP50Ms: some(wait * 0.2),
      waitP95Ms: some(wait * 2),
      waitP99Ms: some(wait * 5),
      waitMaxMs: some(wait * (6 + random() * 6)),
      holdP50Ms: some(hold),
      holdP95Ms: some(hold * 4),
      holdP99Ms: some(hold * 9),
      holdMaxMs: some(hold * (10 + random() * 20)),
      createP95Ms: isBurst ? 4 + random() * 3 : Number.NaN,
      checkoutsPerSec: rate,
      timeoutsPerSec: isBurst ? random() : 0,
      errorsPerSec: 0,
      createdPerSec: isBurst ? random() * 2 : 0,
      destroyedPerSec: isBurst ? random() * 2 : 0,
      instances: 1,
      ageMs: Math.floor(random() * 1000),
      stale: 0,
      status: waiting > 5 ? 3 : 0,
      holdBusyRatio: some(Math.min(1, 0.3 + 0.4 * random())),
    }
    return POOL_COLUMNS.map((name) => (Number.isNaN(named[name]) ? Number.NaN : threeDigits(named[name])))
  }
}

/** Series of pool groups, and a function that fills the values of a tick. */
export function busyFleet(pools) {
  const makers = Array.from({ length: pools }, (_, index) => aPool(index))
  const series = makers.map((_, index) => ({
    kind: 'group',
    id: `p${index}`,
    columns: POOL_COLUMNS,
    about: {
      service: `service-${index}`,
      name: 'pool',
      system: 'postgresql',
      origin: 'probe',
      serverId: null,
    },
  }))
  const valuesAt = (tick) => {
    const values = new Float64Array(pools * POOL_COLUMNS.length)
    for (const [index, make] of makers.entries()) values.set(make(tick), index * POOL_COLUMNS.length)
    return values
  }
  return { series, valuesAt }
}
