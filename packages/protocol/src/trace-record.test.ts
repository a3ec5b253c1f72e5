import { describe, expect, it } from 'vitest'
import { readTraceRecord } from './trace-record.ts'

const OLDER = new Uint8Array([1, 2, 3])
const NEWER = new Uint8Array([4, 5])

function packed(): Uint8Array {
  const head = new TextEncoder().encode(
    JSON.stringify({
      poolId: 'p',
      atMs: 1,
      windowMs: 2000,
      heldMs: [7],
      blocks: [
        { fromMs: 1000, bytes: NEWER.length },
        { fromMs: 0, bytes: OLDER.length },
      ],
    }),
  )
  const bytes = new Uint8Array(4 + head.length + NEWER.length + OLDER.length)
  new DataView(bytes.buffer).setUint32(0, head.length, true)
  bytes.set(head, 4)
  bytes.set(NEWER, 4 + head.length)
  bytes.set(OLDER, 4 + head.length + NEWER.length)
  return bytes
}

/** Pieces of so many bytes, the next one only when asked for. */
function inPieces(
  bytes: Uint8Array,
  size: number,
): { stream: ReadableStream<Uint8Array>; given: () => number } {
  let at = 0
  const stream = new ReadableStream<Uint8Array>(
    {
      pull(to) {
        if (at >= bytes.length) to.close()
        else to.enqueue(bytes.slice(at, at + size))
        at += size
      },
    },
    { highWaterMark: 0 },
  )
  return { stream, given: () => at }
}

const read = (stream: ReadableStream<Uint8Array>) =>
  readTraceRecord(stream.getReader(), (bytes) => new TextDecoder().decode(bytes))

describe(readTraceRecord, () => {
  it.each([1, 7, 10_000])('reads pieces of %i bytes', async (size) => {
    const record = await read(inPieces(packed(), size).stream)
    expect(record.head).toMatchObject({ poolId: 'p', heldMs: [7] })
    expect(await record.newest(2)).toEqual([
      { fromMs: 0, bytes: OLDER },
      { fromMs: 1000, bytes: NEWER },
    ])
  })

  it('has the newest window before the others have come', async () => {
    const { stream, given } = inPieces(packed(), 1)
    const record = await read(stream)
    expect(await record.newest(1)).toEqual([{ fromMs: 1000, bytes: NEWER }])
    expect(given()).toBe(packed().length - OLDER.length)
  })

  it('says that a record is cut off', async () => {
    const whole = packed()
    for (const end of [2, 20]) {
      await expect(read(inPieces(whole.subarray(0, end), 5).stream)).rejects.toThrow(/cut off/)
    }
    const record = await read(inPieces(whole.subarray(0, -1), 5).stream)
    await expect(record.newest(2)).rejects.toThrow(/cut off/)
  })
})
