import { ApiError } from './api-error.ts'

/** A question that is not answered within this time has failed. */
const DEADLINE_MS = 15_000

type Body = { code?: unknown; message?: unknown }

/** How the agent is asked. */
export type Asking = {
  /** Is sent as JSON, and makes it a POST. */
  body?: unknown
  /** For what is neither that nor a GET. */
  method?: 'DELETE'
  /** A bearer's. */
  token?: string | null
  /** Gives up early. */
  signal?: AbortSignal | undefined
}

/**
 * Asks the agent that served the page.
 * @param path from `/api/v1/` on
 * @returns the parsed answer; null for an empty one
 * @throws ApiError
 */
export async function fetchJson(path: string, options: Asking = {}): Promise<unknown> {
  const response = await ask(path, 'application/json', options)
  if (response.status === 204) return null
  return response.json().catch((cause: unknown) => {
    throw new ApiError('unexpected_answer', 'The answer is not JSON.', response.status, cause)
  })
}

/**
 * Asks the agent that served the page for bytes, which are read as they come.
 * @param path from `/api/v1/` on
 * @throws ApiError
 */
export async function fetchBytes(path: string): Promise<ReadableStream<Uint8Array>> {
  const { body, status } = await ask(path, 'application/octet-stream', {})
  if (body === null) throw new ApiError('unexpected_answer', 'The answer is empty.', status)
  return body
}

async function ask(path: string, accept: string, options: Asking): Promise<Response> {
  const deadline = AbortSignal.timeout(DEADLINE_MS)
  const signal = options.signal === undefined ? deadline : AbortSignal.any([options.signal, deadline])
  let response: Response
  try {
    response = await fetch(path, {
      signal,
      credentials: 'same-origin',
      headers: {
        accept,
        ...(options.body !== undefined && JSON_TYPE),
        ...(typeof options.token === 'string' && { authorization: `Bearer ${options.token}` }),
      },
      ...(options.body !== undefined && { method: 'POST', body: JSON.stringify(options.body) }),
      ...(options.method !== undefined && { method: options.method }),
    })
  } catch (cause) {
    if (options.signal?.aborted === true) throw cause
    throw new ApiError('unreachable', 'The agent does not answer.', null, cause)
  }
  if (response.ok) return response
  const body = (await response.json().catch(() => ({}))) as Body | null
  const code = typeof body?.code === 'string' ? body.code : 'unexpected_answer'
  const message = typeof body?.message === 'string' ? body.message : `HTTP status ${response.status}.`
  throw new ApiError(response.status === 401 ? 'unauthorized' : code, message, response.status)
}

const JSON_TYPE = { 'content-type': 'application/json' }
