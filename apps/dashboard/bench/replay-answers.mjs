// What an agent knows of one busy pool: an hour of every checkout, in reports of five seconds.
import { encodeTrace } from '@poolscope/protocol'

const PER_SEC = 500
const HOLD_MS = 20
const WINDOW_MS = 5000
const WINDOWS = 720

/** Numbers from 0 up to 1, the same in every run. */
function draws(seed) {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

function window(random, index) {
  const rows = []
  const exponential = (mean) => -Math.log(1 - random()) * mean
  for (let ms = exponential(1000 / PER_SEC); ms < WINDOW_MS; ms += exponential(1000 / PER_SEC)) {
    rows.push({ arrival: ms, hold: exponential(HOLD_MS) })
  }
  const bytes = encodeTrace({
    windowMs: WINDOW_MS,
    arrivalMs: Float64Array.from(rows, ({ arrival }) => arrival),
    waitMs: new Float64Array(rows.length),
    holdMs: Float64Array.from(rows, ({ hold }) => hold),
    caller: new Uint32Array(rows.length),
    inFlight: [],
  })
  return { fromMs: index * WINDOW_MS, data: Buffer.from(bytes).toString('base64') }
}

/** @param group of the fleet, whose one instance recorded all of it */
export function replayAnswers(group) {
  const path = `/api/v1/groups/${group.id}`
  const pool = {
    ...group,
    id: 'pool-0',
    groupId: group.id,
    max: 50,
    min: 0,
    acquireTimeoutMs: 1000,
    idleTimeoutMs: 10_000,
  }
  const trace = () => {
    const random = draws(7)
    return {
      poolId: pool.id,
      atMs: Date.now(),
      windowMs: WINDOWS * WINDOW_MS,
      blocks: Array.from({ length: WINDOWS }, (_, index) => window(random, index)),
      heldMs: [],
    }
  }
  const history = () => ({
    fromMs: 0,
    toMs: 5000,
    stepMs: 5000,
    atMs: [0],
    columns: {
      checkoutsPerSec: [PER_SEC],
      inUse: [(PER_SEC * HOLD_MS) / 1000],
      idle: [40],
      createP95Ms: [5],
    },
  })
  return {
    [path]: () => JSON.stringify({ group: { ...group, instances: 1, max: 50 }, pools: [pool] }),
    [`${path}/history`]: () => JSON.stringify(history()),
    [`${path}/trace`]: () => JSON.stringify(trace()),
  }
}
