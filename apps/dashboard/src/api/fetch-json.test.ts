import { afterEach, describe, expect, it, vi } from 'vitest'
import { ApiError } from './api-error.ts'
import { fetchJson } from './fetch-json.ts'

const asked = vi.fn<(path: string, init: RequestInit) => Promise<Response>>()

function answer(body: string | null, status = 200) {
  asked.mockResolvedValue(new Response(body, { status }))
  vi.stubGlobal('fetch', asked)
}
afterEach(() => {
  vi.unstubAllGlobals()
  asked.mockReset()
})

const failure = () =>
  fetchJson('/api/v1/x').then(
    () => expect.fail('It was answered.'),
    (error: unknown) => error as ApiError,
  )

describe('fetchJson', () => {
  it('asks with GET, and posts a body as JSON', async () => {
    answer('{"a":1}')
    expect(await fetchJson('/api/v1/x')).toEqual({ a: 1 })
    expect(asked.mock.calls[0]?.[1].method).toBeUndefined()
    answer(null, 204)
    expect(await fetchJson('/api/v1/session', { body: { token: 'x' } })).toBeNull()
    expect(asked.mock.calls[1]?.[1]).toMatchObject({
      method: 'POST',
      body: '{"token":"x"}',
      headers: { 'content-type': 'application/json' },
    })
  })
  it("hands on the agent's code and sentence", async () => {
    answer('{"code":"not_found","message":"There is no pool of that id."}', 404)
    const error = await failure()
    expect(error).toBeInstanceOf(ApiError)
    expect(error).toMatchObject({ code: 'not_found', message: 'There is no pool of that id.', status: 404 })
  })
  it('knows a demand to sign in whoever sends it', async () => {
    answer('<p>', 401)
    expect(await failure()).toMatchObject({ code: 'unauthorized', status: 401 })
  })
  it("tells an answer that is not the agent's from none at all", async () => {
    answer('<p>')
    expect(await failure()).toMatchObject({ code: 'unexpected_answer', status: 200 })
    asked.mockRejectedValue(new TypeError('Failed to fetch'))
    expect(await failure()).toMatchObject({ code: 'unreachable', status: null })
  })
})
