import { Agent, type IncomingHttpHeaders, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ReportIntake } from '../src/intake/report-intake.ts'
import { aPool, aReport, testAgent } from './support.ts'

const TOKEN = 'a-token-of-sixteen-characters'
const json = { 'content-type': 'application/json' }

type Answer = { status: number | undefined; headers: IncomingHttpHeaders; body: Record<string, unknown> }

/** An agent that listens, and what is sent to it over one kept connection. */
async function listening(...options: Parameters<typeof testAgent>) {
  const made = await testAgent(...options)
  await made.app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = made.app.server.address() as AddressInfo
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const post = (body: string | Buffer, headers: Record<string, string> = json, path = '/api/v1/reports') =>
    new Promise<Answer>((resolve, reject) => {
      const call = request({ agent, port, host: '127.0.0.1', method: 'POST', path, headers })
      call.on('error', reject)
      call.on('response', async (response) => {
        const body = JSON.parse(Buffer.concat(await response.toArray()).toString())
        resolve({ status: response.statusCode, headers: response.headers, body })
      })
      call.end(body)
    })
  const close = async () => {
    agent.destroy()
    await made.app.close()
  }
  return { ...made, post, close }
}

const report = (inUse: number) => JSON.stringify(aReport([aPool({ inUse })]))

describe(ReportIntake, () => {
  let open: Awaited<ReturnType<typeof listening>>
  let guarded: Awaited<ReturnType<typeof listening>>
  beforeAll(async () => {
    open = await listening()
    guarded = await listening({ token: TOKEN })
  })
  afterAll(async () => {
    await open.close()
    await guarded.close()
  })
  const inUse = () => open.fleet.snapshot().pools[0]?.inUse

  it('takes what comes over a connection, plain, packed, in other letters, and with a query', async () => {
    const taken = { status: 200, body: { accepted: 1, dropped: 0 } }
    expect(await open.post(report(1))).toMatchObject(taken)
    expect(inUse()).toBe(1)
    expect(await open.post(report(2), { 'content-type': 'Application/JSON; charset=utf-8' })).toMatchObject(
      taken,
    )
    expect(inUse()).toBe(2)
    const packed = gzipSync(report(3))
    expect(await open.post(packed, { ...json, 'content-encoding': 'gzip' })).toMatchObject(taken)
    expect(inUse()).toBe(3)
    expect(await open.post(report(4), json, '/api/v1/reports?again')).toMatchObject(taken)
    const named = JSON.stringify(aReport([aPool({ name: 'größe 😀' })]))
    expect(await open.post(named)).toMatchObject(taken)
    expect(open.fleet.snapshot().pools.map(({ name }) => name)).toContain('größe 😀')
  })

  it('refuses with a code, changes nothing, and goes on with the same connection', async () => {
    await open.post(report(5))
    const before = open.fleet.snapshot()
    const refused: [string, Record<string, string>, number, string][] = [
      [report(6), {}, 415, 'unsupported_media_type'],
      [report(6), { 'content-type': 'text/plain' }, 415, 'unsupported_media_type'],
      [report(6), { ...json, 'content-encoding': 'br' }, 415, 'unsupported_media_type'],
      [report(6), { ...json, host: 'evil.example' }, 421, 'misdirected_host'],
      [report(6), { ...json, origin: 'https://evil.example' }, 403, 'forbidden_origin'],
      ['{"protocol":', json, 400, 'invalid_report'],
      [JSON.stringify({ ...aReport([]), protocol: 99 }), json, 400, 'protocol_unsupported'],
    ]
    for (const [body, headers, status, code] of refused) {
      expect(await open.post(body, headers)).toMatchObject({ status, body: { code } })
    }
    const negative = JSON.stringify(aReport([aPool({ inUse: -1 })]))
    expect((await open.post(negative)).body).toEqual({
      code: 'invalid_report',
      message: '/pools/0/inUse: must be >= 0.',
    })
    expect(open.fleet.snapshot()).toEqual(before)
    expect((await open.post(report(7))).status).toBe(200)
  })

  it('reads no more of a body without a length than shows that it is too long', async () => {
    let sent = 0
    const endless = Readable.from(
      (function* () {
        for (; sent < 100; sent++) yield Buffer.alloc(1 << 18, ' ')
      })(),
    )
    const answer = await open.app.inject({
      method: 'POST',
      url: '/api/v1/reports',
      headers: json,
      payload: endless,
    })
    expect([answer.statusCode, answer.json().code]).toEqual([413, 'payload_too_large'])
    expect(answer.headers.connection).toBe('close')
    expect(sent).toBeLessThan(100)
  })

  it('asks for the token where the agent has one', async () => {
    const tried = [json, { ...json, authorization: 'Bearer wrong' }, { ...json, authorization: TOKEN }]
    for (const headers of tried) {
      expect(await guarded.post(report(1), headers)).toMatchObject({
        status: 401,
        body: { code: 'unauthorized' },
      })
    }
    expect((await guarded.post(report(1), { ...json, authorization: `Bearer ${TOKEN}` })).status).toBe(200)
  })

  it('slows down a sender that floods, and says when it may come again', async () => {
    open.clock.advance(1000)
    for (let i = 0; i < 100; i++) expect((await open.post('', json)).status).toBe(400)
    const answer = await open.post(report(1))
    expect([answer.status, answer.body.code, answer.headers['retry-after']]).toEqual([
      429,
      'rate_limited',
      '1',
    ])
  })
})
