import { isAscii } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import { gunzip } from 'node:zlib'
import { REPORT_LIMITS } from '@poolscope/protocol'
import { ApiError } from '../routes/api-error.ts'

/** Takes what was read, or why it could not be. */
export type Read = (error: Error | null, value?: unknown) => void

const JSON_TYPE = /^application\/json\s*(;|$)/i

/** Reads a request's body as JSON, plain or packed by gzip: limited as it is sent, and again as inflated. */
export function readJson(request: IncomingMessage, read: Read): void {
  const { 'content-type': type = '', 'content-encoding': encoding = 'identity' } = request.headers
  if (!JSON_TYPE.test(type)) {
    read(new ApiError('unsupported_media_type', 'Send the body as application/json.'))
  } else if (encoding === 'identity') {
    readBody(request, parseJson, read)
  } else if (encoding === 'gzip') {
    readBody(request, inflate, read)
  } else read(new ApiError('unsupported_media_type', 'Compress with gzip or not at all.'))
}

/** Reads a body whole for what is done with it next; of one that is too long, no more than shows it. */
function readBody(request: IncomingMessage, next: (body: Buffer, read: Read) => void, read: Read): void {
  const tooLarge = () => read(new ApiError('payload_too_large', 'The body is larger than the agent takes.'))
  if (Number(request.headers['content-length']) > REPORT_LIMITS.bodyBytes) {
    tooLarge()
    return
  }
  const chunks: Buffer[] = []
  let length = 0
  const take = (chunk: Buffer) => {
    chunks.push(chunk)
    length += chunk.length
    if (length <= REPORT_LIMITS.bodyBytes) return
    request.off('data', take).off('end', end).pause()
    tooLarge()
  }
  const end = () => {
    const [only] = chunks
    next(only !== undefined && chunks.length === 1 ? only : Buffer.concat(chunks, length), read)
  }
  request.on('data', take).on('end', end)
}

function inflate(body: Buffer, read: Read): void {
  gunzip(body, { maxOutputLength: REPORT_LIMITS.inflatedBytes }, (error, inflated) => {
    if (error === null) parseJson(inflated, read)
    else if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      read(new ApiError('payload_too_large', 'The body is larger than the agent takes once inflated.'))
    } else read(new ApiError('invalid_report', 'The body is not gzip.'))
  })
}

function parseJson(body: Buffer, read: Read): void {
  let value: unknown
  try {
    // Both say the same of such bytes, and one of them copies.
    value = JSON.parse(body.toString(isAscii(body) ? 'latin1' : 'utf8'))
  } catch {
    read(new ApiError('invalid_report', 'The body is not JSON.'))
    return
  }
  read(null, value)
}
