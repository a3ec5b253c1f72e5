import { gzipSync } from 'node:zlib'
import { API_ERRORS, type Fleet, PROTOCOL_VERSION } from '@poolscope/protocol'
import { afterEach, describe, expect, it } from 'vitest'
import { aPool, aReport, aSample, aSession, histogramOf, SERVER, testAgent } from './support.ts'

type Agent = Awaited<ReturnType<typeof testAgent>>
const agents: Agent[] = []
async function agent(...access: Parameters<typeof testAgent>) {
  const made = await testAgent(...access)
  agents.push(made)
  return made
}
afterEach(async () => {
  for (const made of agents.splice(0)) await made.app.close()
})

const json = { 'content-type': 'application/json' }
function post(made: Agent, body: unknown, headers: Record<string, string> = json) {
  const payload = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body)
  return made.app.inject({ method: 'POST', url: '/api/v1/reports', headers, payload })
}

describe('POST /api/v1/reports', () => {
  it('takes a report, also compressed', async () => {
    const made = await agent()
    expect((await post(made, aReport([aPool({ inUse: 3 })]))).json()).toEqual({ accepted: 1, dropped: 0 })
    const packed = gzipSync(JSON.stringify(aReport([aPool({ inUse: 4 })])))
    const answer = await post(made, packed, { ...json, 'content-encoding': 'gzip' })
    expect(answer.statusCode).toBe(200)
    expect(made.fleet.snapshot().pools[0]?.inUse).toBe(4)
  })

  const good = () => aReport([aPool({ inUse: 3 })])
  const bad: [string, unknown, number, string, Record<string, string>?][] = [
    ['text that is not JSON', '{"protocol":', 400, 'invalid_report'],
    ['nothing', '', 400, 'invalid_report'],
    ['a number where a list belongs', { ...good(), pools: 7 }, 400, 'invalid_report'],
    ['a number written as text', { ...good(), sequence: '1' }, 400, 'invalid_report'],
    ['a negative gauge', aReport([aPool({ inUse: -1 })]), 400, 'invalid_report'],
    ['an unknown key', { ...good(), extra: true }, 400, 'invalid_report'],
    ['a missing key', { ...good(), service: undefined }, 400, 'invalid_report'],
    ['a poisoned prototype', '{"__proto__":{"admin":true}}', 400, 'invalid_report'],
    ['100,000 levels of nesting', '['.repeat(100_000) + ']'.repeat(100_000), 400, 'invalid_report'],
    ['201 pools', aReport(Array.from({ length: 201 }, () => aPool())), 400, 'invalid_report'],
    ['a name of 201 characters', aReport([aPool({ name: 'x'.repeat(201) })]), 400, 'invalid_report'],
    ['another protocol', { ...good(), protocol: 99 }, 400, 'protocol_unsupported'],
    ['two megabytes', `"${'x'.repeat(2 << 20)}"`, 413, 'payload_too_large'],
    ['text/plain', good(), 415, 'unsupported_media_type', { 'content-type': 'text/plain' }],
    ['brotli', good(), 415, 'unsupported_media_type', { ...json, 'content-encoding': 'br' }],
    ['gzip that is none', 'plain', 400, 'invalid_report', { ...json, 'content-encoding': 'gzip' }],
    [
      'a gzip bomb',
      gzipSync(Buffer.alloc(100 << 20)),
      413,
      'payload_too_large',
      { ...json, 'content-encoding': 'gzip' },
    ],
  ]
  it.each(bad)('refuses %s and changes nothing', async (_what, body, status, code, headers = json) => {
    const made = await agent()
    await post(made, aReport([aPool({ inUse: 1 })]))
    const before = made.fleet.snapshot()
    const answer = await post(made, body, headers)
    expect([answer.statusCode, answer.json().code]).toEqual([status, code])
    expect(answer.json().message).toBeTypeOf('string')
    expect(made.fleet.snapshot()).toEqual(before)
  })

  it('slows down a sender that floods', async () => {
    const made = await agent()
    const answers = []
    for (let i = 0; i < 101; i++) answers.push(await post(made, aReport([aPool()])))
    const last = answers.at(-1)
    expect([last?.statusCode, last?.json().code]).toEqual([429, 'rate_limited'])
    expect(last?.headers['retry-after']).toBeDefined()
  })
})

describe('who may ask', () => {
  it('answers a foreign Host with 421 on loopback', async () => {
    const made = await agent()
    const answer = await made.app.inject({ url: '/api/v1/fleet', headers: { host: 'evil.example' } })
    expect([answer.statusCode, answer.json().code]).toEqual([421, 'misdirected_host'])
  })

  it('answers an allowed Host', async () => {
    const made = await agent({ allowedHosts: ['pools.example'] })
    const answer = await made.app.inject({ url: '/api/v1/fleet', headers: { host: 'pools.example' } })
    expect(answer.statusCode).toBe(200)
  })

  it('refuses changes from a foreign page', async () => {
    const made = await agent()
    for (const headers of [
      { origin: 'https://evil.example' },
      { 'sec-fetch-site': 'cross-site' },
      { origin: 'null' },
    ]) {
      const answer = await post(made, aReport([aPool()]), { ...json, ...headers } as Record<string, string>)
      expect([answer.statusCode, answer.json().code]).toEqual([403, 'forbidden_origin'])
    }
  })

  it('asks for the token everywhere but the pages and the plain health routes', async () => {
    const token = 'a-token-of-some-length'
    const made = await agent({ token, host: '0.0.0.0' })
    for (const url of ['/api/v1/fleet', '/api/v1/openapi.json', '/metrics', '/health/db']) {
      expect((await made.app.inject({ url })).statusCode, url).toBe(401)
      const headers = { authorization: `Bearer ${token}` }
      expect((await made.app.inject({ url, headers })).statusCode, url).toBe(200)
      const wrong = { authorization: 'Bearer wrong' }
      expect((await made.app.inject({ url, headers: wrong })).statusCode, url).toBe(401)
    }
    expect((await post(made, aReport([aPool()]))).statusCode).toBe(401)
    for (const url of ['/health/live', '/health/ready']) {
      expect((await made.app.inject({ url })).statusCode, url).toBe(200)
    }
  })

  it('signs a browser in with a cookie that scripts cannot read', async () => {
    const token = 'a-token-of-some-length'
    const made = await agent({ token })
    const sign = (payload: object) => made.app.inject({ method: 'POST', url: '/api/v1/session', payload })
    expect((await sign({ token: 'wrong' })).statusCode).toBe(401)
    const [cookie] = (await sign({ token })).cookies
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict' })
    expect(cookie?.value).not.toContain(token)
    const cookies = { [cookie?.name as string]: cookie?.value as string }
    expect((await made.app.inject({ url: '/api/v1/fleet', cookies })).statusCode).toBe(200)
    made.clock.advance(13 * 3600_000)
    expect((await made.app.inject({ url: '/api/v1/fleet', cookies })).statusCode).toBe(401)
  })
})

describe('POST /api/v1/embeds', () => {
  const TOKEN = 'a-token-of-sixteen-characters'
  const bearer = { authorization: `Bearer ${TOKEN}` }
  const ask = (made: Agent, payload: object, headers: Record<string, string> = {}) =>
    made.app.inject({ method: 'POST', url: '/api/v1/embeds', headers, payload })

  it('gives a link that reads one pool group until it expires, where a token is asked for', async () => {
    const made = await agent({ token: TOKEN })
    await post(made, aReport([aPool(), aPool({ name: 'other' })]), { ...json, ...bearer })
    const [group, other] = made.fleet.snapshot().groups
    const answer = await ask(made, { groupId: group?.id, ttlSec: 60 }, bearer)
    expect(answer.json()).toMatchObject({
      expiresAtMs: made.clock.now() + 60_000,
      parents: ['https://portal.example.com'],
    })
    const granted = answer.json().path.split('#t=')[1]
    const read = async (url: string, method: 'GET' | 'POST' = 'GET') => {
      const headers = { authorization: `Bearer ${granted}` }
      return (await made.app.inject({ method, url: `/api/v1${url}`, headers })).statusCode
    }
    expect(await read(`/groups/${group?.id}`)).toBe(200)
    expect(await read(`/groups/${group?.id}/history`)).not.toBe(401)
    expect(await read(`/groups/${other?.id}`)).toBe(401)
    expect(await read(`/groups/${group?.id}/holders`)).toBe(401)
    expect(await read('/fleet')).toBe(401)
    expect(await read('/embeds', 'POST')).toBe(401)
    made.clock.advance(60_000)
    expect(await read(`/groups/${group?.id}`)).toBe(401)
  })

  it('needs no grant where nobody is asked for a token', async () => {
    const made = await agent()
    await post(made, aReport([aPool()]))
    const groupId = made.fleet.snapshot().groups[0]?.id
    expect((await ask(made, { groupId, ttlSec: 60 })).json()).toEqual({
      path: `/embed/pools/${encodeURIComponent(groupId ?? '')}`,
      expiresAtMs: null,
      parents: ['https://portal.example.com'],
    })
  })

  it('refuses what it does not know, and a link for ever', async () => {
    const made = await agent()
    expect((await ask(made, { groupId: 'none', ttlSec: 60 })).statusCode).toBe(404)
    expect((await ask(made, { groupId: 'none', ttlSec: 1e9 })).statusCode).toBe(400)
    expect((await ask(made, { groupId: 'none' })).statusCode).toBe(400)
  })
})

describe('GET /api/v1', () => {
  it('answers the fleet, its pools, groups, holders and history', async () => {
    const made = await agent()
    await post(made, aReport([aPool({ inUse: 2 })]))
    made.tick(0)
    const fleet: Fleet = (await made.app.inject('/api/v1/fleet')).json()
    const [pool] = fleet.pools
    const get = async (path: string) => (await made.app.inject(`/api/v1/${path}`)).json()
    expect(await get('fleet?pools=false')).toEqual({ ...fleet, pools: [] })
    expect(await get(`pools/${pool?.id}`)).toEqual(pool)
    expect((await get(`groups/${pool?.groupId}`)).pools).toEqual([pool])
    expect(await get(`pools/${pool?.id}/holders`)).toMatchObject({ total: 2 })
    expect((await get(`pools/${pool?.id}/history?points=5`)).columns.inUse).toEqual([2])
    expect((await get('fleet/history?column=inUse')).groups).toEqual({ [pool?.groupId as string]: [2] })
  })

  it.each([
    '/api/v1/pools/none',
    '/api/v1/groups/none',
    '/api/v1/servers/none',
    '/api/v1/servers/none/sessions',
    '/api/v1/pools/none/history',
    '/api/v1/nothing',
    '/nothing.js',
  ])('answers %s with a 404 that has a code', async (url) => {
    const made = await agent()
    const answer = await made.app.inject(url)
    expect([answer.statusCode, answer.json().code]).toEqual([404, 'not_found'])
  })

  it.each(['points=0', 'points=many', 'fromMs=-1', 'points=2001'])('refuses ?%s', async (query) => {
    const made = await agent()
    const answer = await made.app.inject(`/api/v1/pools/x/history?${query}`)
    expect([answer.statusCode, answer.json().code]).toEqual([400, 'invalid_request'])
  })

  it('describes itself as OpenAPI', async () => {
    const made = await agent()
    const spec = (await made.app.inject('/api/v1/openapi.json')).json()
    expect(spec.openapi).toBe('3.1.0')
    expect(Object.keys(spec.paths)).toContain('/api/v1/reports')
    expect(Object.keys(spec.paths)).toContain('/api/v1/servers/{id}/sessions')
  })

  it('forbids framing, foreign scripts and caching of data', async () => {
    const made = await agent()
    const { headers } = await made.app.inject('/api/v1/fleet')
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'")
    expect(headers['content-security-policy']).toContain("script-src 'self'")
    expect(headers['cache-control']).toBe('no-store')
    expect(headers['x-content-type-options']).toBe('nosniff')
  })
})

describe('GET /metrics', () => {
  it('shows every known number under its OpenTelemetry name and leaves out what is not known', async () => {
    const made = await agent()
    made.fleet.addServer(SERVER)
    const wait = histogramOf(0.5, 0.5, 30, 700)
    await post(
      made,
      aReport([aPool({ inUse: 7, waiting: 3, max: null, name: 'a"b' }, { timeouts: 2, wait })]),
    )
    made.fleet.takeServer(SERVER.id, {
      state: 'up',
      error: null,
      sample: aSample(made.clock.atMs, [aSession({ state: 'active' })]),
    })
    const text = (await made.app.inject('/metrics')).body
    const value = (start: string, ...parts: string[]) =>
      text
        .split('\n')
        .find((line) => line.startsWith(`${start}{`) && parts.every((part) => line.includes(part)))
        ?.split(' ')
        .at(-1)
    expect(value('db_client_connection_count', 'state="used"', 'origin="probe"')).toBe('7')
    expect(value('db_client_connection_pending_requests', 'pool_name="a\\"b"')).toBe('3')
    expect(value('db_client_connection_max')).toBeUndefined()
    expect(value('db_client_connection_timeouts_total')).toBe('2')
    // 0.5 ms twice is at most 1 ms; 30 ms is at most 50; 700 ms at most 1 s
    expect(value('db_client_connection_wait_time_seconds_bucket', 'le="0.001"')).toBe('2')
    expect(value('db_client_connection_wait_time_seconds_bucket', 'le="0.05"')).toBe('3')
    expect(value('db_client_connection_wait_time_seconds_bucket', 'le="+Inf"')).toBe('4')
    expect(value('poolscope_server_connections', 'state="active"')).toBe('1')
    expect(value('poolscope_server_max_connections')).toBe('100')
  })
})

describe('GET /health', () => {
  it('says how each server stands', async () => {
    const made = await agent()
    made.fleet.addServer(SERVER)
    const get = async (path: string) => {
      const answer = await made.app.inject(path)
      return [answer.statusCode, answer.json().status]
    }
    expect(await get('/health/live')).toEqual([200, 'live'])
    expect(await get('/health/ready')).toEqual([503, 'starting'])
    expect(await get('/health/db')).toEqual([503, 'unhealthy'])
    const sample = (n: number) =>
      aSample(
        made.clock.atMs,
        Array.from({ length: n }, (_, i) => aSession({ pid: i })),
      )
    made.fleet.takeServer(SERVER.id, { state: 'up', error: null, sample: sample(10) })
    expect(await get('/health/ready')).toEqual([200, 'ready'])
    expect(await get('/health/db')).toEqual([200, 'healthy'])
    made.fleet.takeServer(SERVER.id, { state: 'up', error: null, sample: sample(85) })
    expect(await get('/health/db')).toEqual([503, 'degraded'])
    const error = { code: 'timeout', message: 'It does not answer.' } as const
    made.fleet.takeServer(SERVER.id, { state: 'unreachable', error, sample: null })
    expect(await get('/health/db')).toEqual([503, 'unhealthy'])
  })
})

describe('error codes', () => {
  it('have a status each and the protocol a version', () => {
    expect(Object.values(API_ERRORS).every((status) => status >= 400 && status < 600)).toBe(true)
    expect(PROTOCOL_VERSION).toBe(1)
  })
})
