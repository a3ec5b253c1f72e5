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

/** What was settled in each window, in the order in which it was, as a probe keeps it. */
function windows(random) {
  const exponential = (mean) => -Math.log(1 - random()) * mean
  const settled = Array.from({ length: WINDOWS }, () => [])
  for (let ms = exponential(1000 / PER_SEC); ms < WINDOWS * WINDOW_MS; ms += exponential(1000 / PER_SEC)) {
    const hold = exponential(HOLD_MS)
    settled[Math.floor((ms + hold) / WINDOW_MS)]?.push({ arrival: ms, hold })
  }
  return settled.map((rows, index) => packed(rows, index * WINDOW_MS))
}

function packed(rows, fromMs) {
  rows.sort((a, b) => a.arrival + a.hold - b.arrival - b.hold)
  const bytes = encodeTrace({
    windowMs: WINDOW_MS,
    arrivalMs: Float64Array.from(rows, ({ arrival }) => arrival - fromMs),
    waitMs: new Float64Array(rows.length),
    holdMs: Float64Array.from(rows, ({ hold }) => hold),
    caller: new Uint32Array(rows.length),
    inFlight: [],
  })
  return { fromMs, bytes }
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
  // As the agent packs it: the length of the head, the head, the windows from the newest.
  const trace = () => {
    const newest = windows(draws(7)).reverse()
    const head = Buffer.from(
      JSON.stringify({
        poolId: pool.id,
        atMs: Date.now(),
        windowMs: WINDOWS * WINDOW_MS,
        blocks: newest.map(({ fromMs, bytes }) => ({ fromMs, bytes: bytes.length })),
        heldMs: [],
      }),
    )
    const length = Buffer.alloc(4)
    length.writeUInt32LE(head.length)
    return Buffer.concat([length, head, ...newest.map(({ bytes }) => bytes)])
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
  const holders = { atMs: group.atMs, total: 0, holders: [], lateReturns: { total: 0, last: null } }
  return {
    [path]: () => JSON.stringify({ group: { ...group, instances: 1, max: 50 }, pools: [pool] }),
    [`${path}/history`]: () => JSON.stringify(history()),
    [`${path}/holders`]: () => JSON.stringify(holders),
    [`${path}/trace.bin`]: trace,
  }
}
