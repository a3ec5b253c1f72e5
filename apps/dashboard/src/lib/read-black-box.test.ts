import { describe, expect, it } from 'vitest'
import { parseBlackBox, readBlackBox } from './read-black-box.ts'

const moment = { atMs: 1, groups: [], pools: [], servers: [], holders: {}, sessions: {}, statements: {} }
const box = { version: 1, alert: { id: 'a' }, frozenMs: 2, moments: [moment], histories: {} }

async function gzipped(text: string): Promise<ArrayBuffer> {
  const packed = new Response(text).body?.pipeThrough(new CompressionStream('gzip'))
  return new Response(packed ?? null).arrayBuffer()
}

describe(readBlackBox, () => {
  it('reads a file as it was downloaded, and as the agent keeps it', async () => {
    const text = JSON.stringify(box)
    expect(await readBlackBox(new Blob([text]))).toEqual(box)
    expect(await readBlackBox(new Blob([await gzipped(text)]))).toEqual(box)
  })
})

describe(parseBlackBox, () => {
  it('says what is wrong with a file', () => {
    expect(() => parseBlackBox('PK')).toThrow('not JSON')
    expect(() => parseBlackBox('[]')).toThrow('no black box')
    expect(() => parseBlackBox(JSON.stringify({ ...box, version: 2 }))).toThrow('version 2')
    expect(() => parseBlackBox(JSON.stringify({ ...box, moments: [] }))).toThrow('no moment')
  })
})
