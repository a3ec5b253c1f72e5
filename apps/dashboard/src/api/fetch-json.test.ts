// @vitest-environment node
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ApiError } from './api-error.ts'
import { fetchJson } from './fetch-json.ts'

let server: Server
let origin: string

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString()
      if (request.url === '/echo') response.end(JSON.stringify({ method: request.method, body }))
      else if (request.url === '/nothing') response.writeHead(204).end()
      else if (request.url === '/html') response.end('<p>')
      else if (request.url === '/sign-in') response.writeHead(401).end('<p>')
      else response.writeHead(404).end('{"code":"not_found","message":"There is no pool of that id."}')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const failure = (path: string) =>
  fetchJson(path).then(
    () => expect.fail('It was answered.'),
    (error: unknown) => error as ApiError,
  )

describe('fetchJson', () => {
  it('asks with GET, and posts a body as JSON', async () => {
    expect(await fetchJson(`${origin}/echo`)).toEqual({ method: 'GET', body: '' })
    const posted = await fetchJson(`${origin}/echo`, { body: { token: 'x' } })
    expect(posted).toEqual({ method: 'POST', body: '{"token":"x"}' })
    expect(await fetchJson(`${origin}/nothing`)).toBeNull()
  })
  it("hands on the agent's code and sentence", async () => {
    const error = await failure(`${origin}/pools/x`)
    expect(error).toBeInstanceOf(ApiError)
    expect(error).toMatchObject({ code: 'not_found', message: 'There is no pool of that id.', status: 404 })
  })
  it('knows a demand to sign in whoever sends it', async () => {
    expect(await failure(`${origin}/sign-in`)).toMatchObject({ code: 'unauthorized', status: 401 })
  })
  it('tells an answer that is not the agent’s from none at all', async () => {
    expect(await failure(`${origin}/html`)).toMatchObject({ code: 'unexpected_answer', status: 200 })
    expect(await failure('http://127.0.0.1:1/')).toMatchObject({ code: 'unreachable', status: null })
  })
})
