import { encodeTrace, type TraceRecord } from '@poolscope/protocol'
import type { Prediction, TracedPool } from '@poolscope/sizing'
import { describe, expect, it } from 'vitest'
import { type Pace, type PoolSettings, type ReplayMessage, recordJob } from './replay-job.ts'
import { makeReady } from './replay-record.ts'
import { type Hand, handOf } from './replay-share.ts'
import { verdictOf } from './replay-words.ts'

const pool: TracedPool = { size: 6, acquireTimeoutMs: 1000, idleTimeoutMs: null, min: 6, connectMs: 0 }
const HOLD_MS = 20

/** Every tenth of a second four callers ask at once, and hold for 20 ms, in windows of a second. */
function fourAtOnce(seconds: number, callerFrom = 0): TraceRecord {
  const blocks = Array.from({ length: seconds }, (_, second) => {
    const arrivalMs = Float64Array.from({ length: 40 }, (_, i) => Math.floor(i / 4) * 100)
    const bytes = encodeTrace({
      windowMs: 1000,
      arrivalMs,
      waitMs: new Float64Array(40),
      holdMs: new Float64Array(40).fill(HOLD_MS),
      caller: Uint32Array.from(arrivalMs, (_, i) => (callerFrom === 0 ? 0 : callerFrom + second * 40 + i)),
      inFlight: [],
    })
    return { fromMs: second * 1000, bytes }
  })
  return recordOf(blocks)
}

/** Sixteen callers that each ask 23 ms after they were answered, for 57 seconds, and then five minutes of nothing. */
function inTurn(): TraceRecord {
  const blocks = Array.from({ length: 360 }, (_, second) => {
    // 57 × 22 × 16 = 20 064, more than the 20 000 up to which every size is replayed at once
    const count = second < 57 ? 22 * 16 : 0
    const bytes = encodeTrace({
      windowMs: 1000,
      arrivalMs: Float64Array.from({ length: count }, (_, i) => Math.floor(i / 16) * 43),
      waitMs: new Float64Array(count),
      holdMs: new Float64Array(count).fill(HOLD_MS),
      caller: Uint32Array.from({ length: count }, (_, i) => 1 + (i % 16)),
      inFlight: [],
    })
    return { fromMs: second * 1000, bytes }
  })
  return recordOf(blocks)
}

/** @param windows oldest first */
function recordOf(windows: readonly { fromMs: number; bytes: Uint8Array }[]): TraceRecord {
  const blocks = windows.map(({ fromMs, bytes }) => ({ fromMs, bytes: bytes.length })).reverse()
  return {
    head: { poolId: 'p', atMs: 0, windowMs: windows.length * 1000, blocks, heldMs: [] },
    newest: async (count) => windows.slice(windows.length - count),
  }
}

const PACE: Pace = { nowMs: () => performance.now(), stepMs: 50 }
type Start = Parameters<typeof makeReady>[1]
const ALONE: Start = () => []

async function told(
  record: TraceRecord | null,
  pools: PoolSettings,
  startHands: Start = ALONE,
): Promise<ReplayMessage[]> {
  return listed(recordJob(record && (await makeReady(record, startHands)), pools, PACE))
}

async function all(record: TraceRecord, startHands: Start = ALONE): Promise<ReplayMessage[]> {
  const [found, ...rest] = await told(record, new Map([['p', pool]]), startHands)
  expect(found).toEqual({ kind: 'found', record: { poolId: 'p', windows: record.head.blocks.length } })
  return rest
}

async function listed<T>(messages: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const message of messages) list.push(message)
  return list
}

function predictions(messages: readonly ReplayMessage[]): Prediction[] {
  return messages.flatMap((message) => (message.kind === 'prediction' ? [message.prediction] : []))
}

describe(recordJob, () => {
  it('ends at once where there is nothing to replay', async () => {
    const pools = new Map([['p', pool]])
    const kinds = async (record: TraceRecord | null, of = pools) =>
      (await told(record, of)).map(({ kind }) => kind)
    expect(await kinds(null)).toEqual(['found', 'done'])
    expect(await kinds(recordOf([]))).toEqual(['found', 'done'])
    expect(await kinds(fourAtOnce(1), new Map())).toEqual(['found', 'done'])
  })

  it('finds the size at which four that ask at once need not wait', async () => {
    const messages = await all(fourAtOnce(60))
    expect(messages.at(-1)).toEqual({ kind: 'done' })
    const [prediction, ...more] = predictions(messages)
    expect(more).toEqual([])
    const wait = (size: number) => prediction?.sizes.find((one) => one.size === size)?.waitMs?.p95
    // One at a time: they wait 0, 20, 40 and 60 ms. Two or three: the last waits for one hold. Four: none does.
    expect(wait(1)).toBeGreaterThan(57)
    expect(wait(1)).toBeLessThan(63)
    for (const size of [2, 3]) {
      expect(wait(size)).toBeGreaterThan(19)
      expect(wait(size)).toBeLessThan(21)
    }
    expect(wait(4)).toBeLessThan(0.1)
    expect(prediction?.recommendation.size).toBe(4)
    expect(prediction && verdictOf(prediction, 6)).toMatchObject({
      size: 4,
      sentence: expect.stringMatching(/^Set max to 4 in each instance/),
    })
  })

  it('answers from the last five minutes before it has put the whole together', async () => {
    const messages = await all(fourAtOnce(900))
    const kinds = messages.map(({ kind }) => kind)
    expect(kinds.indexOf('prediction')).toBeLessThan(kinds.indexOf('recorded'))
    const found = predictions(messages)
    // Forty a second: five minutes, then a quarter of an hour.
    expect(found.map(({ checkouts }) => checkouts)).toEqual([12_000, 36_000])
    expect(found.map(({ recommendation }) => recommendation.size)).toEqual(found.map(() => 4))
  })

  it('says what was recorded, and whether requests are known', async () => {
    const recordedOf = (messages: readonly ReplayMessage[]) =>
      messages.find((message) => message.kind === 'recorded')?.recorded
    expect(recordedOf(await all(fourAtOnce(10)))).toEqual({
      windowMs: 10_000,
      checkouts: 400,
      callersKnown: false,
    })
    expect(recordedOf(await all(fourAtOnce(10, 1)))).toMatchObject({ callersKnown: true })
  })

  it('says why it cannot', async () => {
    const [only, ...more] = await all(recordOf([{ fromMs: 0, bytes: new Uint8Array([9, 9, 9]) }]))
    expect(more).toEqual([])
    expect(only).toEqual({ kind: 'failed', message: 'a trace of version 9 cannot be read, only 1' })
    expect((await told(fourAtOnce(1), new Map([['p', { ...pool, size: 0 }]]))).at(-1)).toMatchObject({
      kind: 'failed',
      message: expect.stringContaining('size must be'),
    })
  })

  it.each([
    ['independent checkouts, all sizes at once', () => fourAtOnce(320)],
    ['callers in turn, some sizes and then those around the best', inTurn],
  ])(
    'says with other threads what it says alone, one of which cannot: %s',
    async (_, record) => {
      const hand = (): Hand => {
        let replay: ReturnType<typeof handOf>
        return {
          read: (whole) => {
            replay = handOf(structuredClone(whole))
          },
          replay: async (share) => structuredClone(replay(share)),
        }
      }
      const broken: Hand = { read: () => {}, replay: async () => null }
      const alone = predictions(await all(record()))
      expect(alone).toHaveLength(2)
      expect(predictions(await all(record(), () => [broken, hand()]))).toEqual(alone)
    },
    60_000,
  )
})
