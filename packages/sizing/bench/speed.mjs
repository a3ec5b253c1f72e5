// How long a replay takes, beside the plain way of doing it at the same moment on the same machine: each size from end to
// end through a heap of ends. One hour at 500 checkouts a second (1.8 million), 64 sizes; then the first answer.
import { createReplay, lastOf } from '../dist/index.js'
import { arrivals, draws, switching } from './accuracy/random.mjs'

// Large enough for all that the traces hold at once: in them nobody waits.
const POOL = { size: 64, acquireTimeoutMs: 1000, idleTimeoutMs: 10_000, min: 0, connectMs: 5 }
const ROUNDS = 3
/** What a first answer is taken from, ms. */
const RECENT_MS = 300_000

function traceOf(kind, perSec, holdMs, minutes) {
  const random = draws(7)
  const windowMs = minutes * 60_000
  const rate =
    kind === 'bursty' ? switching(random, 0.4375 * perSec, 2.5 * perSec, 800, 300, windowMs) : () => perSec
  const arrivalMs = Float64Array.from(arrivals(random, rate, windowMs))
  const length = arrivalMs.length
  return {
    arrivalMs,
    waitMs: new Float64Array(length),
    holdMs: arrivalMs.map(() => random.exponential(holdMs)),
    caller: new Uint32Array(length),
    inFlight: [],
    windowMs,
  }
}

/** The plain way: every checkout takes the connection that comes free first, size by size. */
function plain({ arrivalMs, holdMs }, sizes) {
  for (let size = 1; size <= sizes; size++) {
    const ends = new Float64Array(size + 1).fill(Number.POSITIVE_INFINITY)
    ends.fill(0, 0, size)
    for (let i = 0; i < arrivalMs.length; i++) {
      const start = Math.max(arrivalMs[i], ends[0])
      if (start - arrivalMs[i] >= POOL.acquireTimeoutMs) continue
      const end = start + holdMs[i]
      let at = 0
      for (let child = 1; child < size; child = 2 * at + 1) {
        if (ends[child + 1] < ends[child]) child++
        if (ends[child] >= end) break
        ends[at] = ends[child]
        at = child
      }
      ends[at] = end
    }
  }
}

function timed(run) {
  const cpu = process.cpuUsage()
  const start = performance.now()
  run()
  const { user, system } = process.cpuUsage(cpu)
  return { wallMs: performance.now() - start, cpuMs: (user + system) / 1000 }
}

/** Runs a replay in steps of 10 ms, as a worker does: answers its prediction and its longest step. */
function stepped(trace, extent) {
  const replay = createReplay(trace, POOL, () => performance.now(), extent)
  let longestMs = 0
  for (;;) {
    const before = performance.now()
    const { prediction } = replay.step(10)
    longestMs = Math.max(longestMs, performance.now() - before)
    if (prediction !== null) return { longestMs, sizes: prediction.sizes.length }
  }
}

for (const [kind, perSec, holdMs] of [
  ['Poisson', 500, 20],
  ['bursty', 500, 20],
]) {
  const trace = traceOf(kind, perSec, holdMs, 60)
  for (let round = 0; round < ROUNDS; round++) {
    let result
    const first = timed(() => stepped(lastOf(trace, RECENT_MS), 'some sizes'))
    const ours = timed(() => {
      result = stepped(trace, 'all sizes')
    })
    const reference = timed(() => plain(trace, 64))
    console.log(
      `${kind}, ${trace.arrivalMs.length} checkouts, load ${(perSec * holdMs) / 1000}: ${result.sizes} sizes in ${ours.wallMs.toFixed(0)} ms (CPU ${ours.cpuMs.toFixed(0)}), first answer ${first.wallMs.toFixed(0)} ms (CPU ${first.cpuMs.toFixed(0)}), longest step ${result.longestMs.toFixed(0)} ms; plain ${reference.wallMs.toFixed(0)} ms (CPU ${reference.cpuMs.toFixed(0)})`,
    )
  }
}
