import type { Flows } from '../trace/flows.ts'
import { minHeap } from './heap.ts'
import { BLOCKS, type PoolRules } from './open-loop.ts'
import { type SizeTally, tally } from './tally.ts'

/** Speed at which each of `n` held connections gets its work done, 1 when alone; `n` from 1. */
export type Speed = (n: number) => number

/** A replay of one size by events, a piece at a time. */
export type EventLoop = {
  readonly done: boolean
  readonly progressRatio: number
  advance(): void
  result(): SizeTally
}

const PIECE = 4096
const NEVER = Number.POSITIVE_INFINITY

/**
 * Replays checkouts that depend on each other, or whose holds depend on how many are held, through one size. Waiters
 * in order, time-outs, the connection returned last used first, idle ones closed, new ones opened at a cost.
 *
 * With a speed below 1 the work of all held connections runs on one clock V, dV = speed(n) dt: a checkout is done
 * when V has gone on by its work. At equal times a time-out comes first, then an end, then a question.
 */
export function eventLoop(
  flows: Flows,
  rules: PoolRules,
  size: number,
  tickMs: number,
  speed: Speed | null,
): EventLoop {
  const { workMs, parent, gapMs, windowMs, goesOn } = flows
  const { acquireTimeoutMs, idleTimeoutMs, min, connectMs } = rules
  const total = workMs.length
  const children = childrenOf(parent)
  const askedMs = new Float64Array(total)
  const startedMs = new Float64Array(total)
  const queue = new Int32Array(total)
  const counted = tally(tickMs, acquireTimeoutMs)
  const asks = minHeap()
  const opening = minHeap()
  const ends = minHeap()
  const idleSinceMs = new Float64Array(size + 1)
  let queueHead = 0
  let queueTail = 0
  let nextRoot = skipToRoot(0)
  /** Connections taken: held, or being opened. */
  let taken = 0
  let nowMs = 0
  let workClock = 0
  let settled = 0
  let block = 1

  function skipToRoot(from: number): number {
    let i = from
    while (i < total && (parent[i] as number) >= 0) i++
    return i
  }

  const speedNow = () => (speed === null ? 1 : speed(ends.size))

  function passTo(ms: number): void {
    if (ends.size > 0) workClock += speedNow() * (ms - nowMs)
    nowMs = ms
    while (block < BLOCKS && ms >= (windowMs * block) / BLOCKS) {
      counted.endBlock()
      block++
    }
  }

  function ask(step: number): void {
    askedMs[step] = nowMs
    if (taken === size || queueHead < queueTail) {
      queue[queueTail++] = step
      return
    }
    taken++
    if (taken > min && nowMs - (idleSinceMs[taken] as number) > idleTimeoutMs) {
      counted.opened()
      opening.push(nowMs + connectMs, step)
    } else start(step)
  }

  function start(step: number): void {
    startedMs[step] = nowMs
    ends.push(workClock + (workMs[step] as number), step)
  }

  function finish(step: number): void {
    const waited = (startedMs[step] as number) - (askedMs[step] as number)
    const held = nowMs - (startedMs[step] as number)
    counted.add(Math.round(waited / tickMs), Math.round(held / tickMs))
    settled++
    follow(step)
    if (queueHead < queueTail) start(queue[queueHead++] as number)
    else idleSinceMs[taken--] = nowMs
  }

  function follow(step: number): void {
    for (let child = children.first[step] as number; child >= 0; child = children.next[child] as number) {
      asks.push(nowMs + (gapMs[child] as number), child)
    }
  }

  function giveUp(): void {
    const step = queue[queueHead++] as number
    counted.timeout()
    settled++
    if (goesOn) follow(step)
    else settled += descendants(step)
  }

  /** Checkouts that are never asked for because the one that they follow was refused. */
  function descendants(step: number): number {
    let n = 0
    const open = [step]
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      for (let child = children.first[at] as number; child >= 0; child = children.next[child] as number) {
        open.push(child)
        n++
      }
    }
    return n
  }

  function once(): boolean {
    const giveUpMs =
      queueHead < queueTail ? (askedMs[queue[queueHead] as number] as number) + acquireTimeoutMs : NEVER
    const endMs = ends.size === 0 ? NEVER : nowMs + Math.max(0, ends.key - workClock) / speedNow()
    const rootMs = nextRoot < total ? (gapMs[nextRoot] as number) : NEVER
    const ms = Math.min(giveUpMs, endMs, opening.key, rootMs, asks.key)
    if (ms === NEVER) return false
    passTo(ms)
    if (ms === giveUpMs) giveUp()
    else if (ms === endMs) {
      const step = ends.value
      ends.pop()
      finish(step)
    } else if (ms === opening.key) {
      const step = opening.value
      opening.pop()
      start(step)
    } else if (ms === rootMs) {
      const step = nextRoot
      nextRoot = skipToRoot(nextRoot + 1)
      ask(step)
    } else {
      const step = asks.value
      asks.pop()
      ask(step)
    }
    return true
  }

  let done = total === 0
  return {
    get done() {
      return done
    },
    get progressRatio() {
      return done ? 1 : settled / total
    },
    advance() {
      for (let n = 0; n < PIECE && !done; n++) {
        if (!once()) {
          done = true
          counted.endBlock()
        }
      }
    },
    result: () => counted.result(size, Math.max(nowMs, windowMs)),
  }
}

/** The checkouts that follow each one, as lists: the first of each, and the next of the same. */
function childrenOf(parent: Int32Array): { first: Int32Array; next: Int32Array } {
  const first = new Int32Array(parent.length).fill(-1)
  const next = new Int32Array(parent.length).fill(-1)
  for (let i = parent.length - 1; i >= 0; i--) {
    const before = parent[i] as number
    if (before < 0) continue
    next[i] = first[before] as number
    first[before] = i
  }
  return { first, next }
}
