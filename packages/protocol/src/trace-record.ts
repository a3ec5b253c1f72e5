import type { TraceHead } from './fleet.ts'

/** A pool's record while it comes: its head, and the windows that are here. */
export type TraceRecord = {
  head: TraceHead
  /**
   * The newest windows, so many of them, oldest first, as soon as they are here.
   * @throws RangeError where the record ends before
   */
  newest(count: number): Promise<{ fromMs: number; bytes: Uint8Array }[]>
}

const LENGTH_BYTES = 4

/** The reader of an answer's body. */
export type Pieces = { read(): Promise<{ done: boolean; value?: Uint8Array | undefined }> }

/**
 * Reads a record as the agent packed it, see {@link TraceHead}, from pieces of any size.
 * @param textOf decodes UTF-8
 * @throws RangeError where it ends within its head
 */
export async function readTraceRecord(
  pieces: Pieces,
  textOf: (bytes: Uint8Array) => string,
): Promise<TraceRecord> {
  let bytes = new Uint8Array(LENGTH_BYTES)
  let here = 0
  /** Reads until so many bytes are here. */
  async function until(count: number): Promise<void> {
    while (here < count) {
      const { done, value } = await pieces.read()
      if (done || value === undefined) throw new RangeError('the record is cut off')
      makeRoom(Math.max(count, here + value.length))
      bytes.set(value, here)
      here += value.length
    }
  }
  function makeRoom(count: number): void {
    if (count <= bytes.length) return
    const more = new Uint8Array(count)
    more.set(bytes.subarray(0, here))
    bytes = more
  }
  await until(LENGTH_BYTES)
  const first = LENGTH_BYTES + new DataView(bytes.buffer).getUint32(0, true)
  await until(first)
  const head = JSON.parse(textOf(bytes.subarray(LENGTH_BYTES, first))) as TraceHead
  // All at once, so that what comes is not copied again and again.
  makeRoom(head.blocks.reduce((sum, block) => sum + block.bytes, first))
  return {
    head,
    async newest(count) {
      const blocks = head.blocks.slice(0, count)
      await until(blocks.reduce((sum, block) => sum + block.bytes, first))
      let end = first
      const windows = blocks.map((block) => {
        end += block.bytes
        return { fromMs: block.fromMs, bytes: bytes.subarray(end - block.bytes, end) }
      })
      return windows.reverse()
    },
  }
}
