import type { BlackBox } from '@poolscope/protocol'

/** What gzip files begin with. */
const GZIP = [0x1f, 0x8b] as const

/**
 * Reads the file of a black box, as it was downloaded or as the agent keeps it (gzipped). Nothing leaves the browser.
 * @throws Error that says what is wrong with the file
 */
export async function readBlackBox(file: Blob): Promise<BlackBox> {
  const begin = new Uint8Array(await file.slice(0, 2).arrayBuffer())
  const packed = GZIP.every((byte, place) => begin[place] === byte)
  const text = packed
    ? await new Response(file.stream().pipeThrough(new DecompressionStream('gzip'))).text()
    : await file.text()
  return parseBlackBox(text)
}

/** @throws Error that says what is wrong with the text */
export function parseBlackBox(text: string): BlackBox {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new Error('The file is not JSON.', { cause })
  }
  const box = value as Partial<BlackBox> | null
  if (typeof box !== 'object' || box === null || typeof box.alert !== 'object') {
    throw new Error('The file is JSON, but no black box.')
  }
  if (box.version !== 1) {
    throw new Error(`The file is of version ${String(box.version)}; this page reads version 1.`)
  }
  const whole = Array.isArray(box.moments) && box.moments.length > 0 && typeof box.histories === 'object'
  if (!whole) throw new Error('The file is cut: it holds no moment.')
  return box as BlackBox
}
