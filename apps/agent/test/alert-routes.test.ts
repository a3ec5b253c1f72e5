import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { Advice, Alert, Alerts, BlackBox, Cause, Silence } from '@poolscope/protocol'
import { eventually, tempDir } from '@poolscope/testkit'
import { afterEach, describe, expect, it } from 'vitest'
import { startReceiver } from './http-receiver.ts'
import { aPool, aReport, aSample, aSession, SERVER, testAgent } from './support.ts'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

async function agent(...options: Parameters<typeof testAgent>) {
  const made = await testAgent(...options)
  closers.push(async () => {
    await made.alerts.close()
    await made.app.close()
  })
  const get = async <Answer>(url: string, headers = {}) => {
    const answer = await made.app.inject({ url, headers })
    return { status: answer.statusCode, body: answer.json() as Answer, answer }
  }
  /** Lets seconds pass in which a pool is as described. */
  const pass = (
    seconds: number,
    pool: Parameters<typeof aPool>[0] = {},
    window: Parameters<typeof aPool>[1] = {},
  ) => {
    for (let i = 0; i < seconds; i++) {
      made.fleet.takeReport(aReport([aPool(pool, { checkouts: 50, ...window })]))
      made.tick()
    }
  }
  return { ...made, get, pass }
}
const FULL = { inUse: 10, waiting: 3, oldestWaitMs: 100 }
const json = { 'content-type': 'application/json' }

describe('GET /api/v1/alerts', () => {
  it('lists what fires, what is pending and what is over, and counts', async () => {
    const made = await agent()
    made.pass(15, FULL)
    const { body } = await made.get<Alerts>('/api/v1/alerts')
    expect(body.alerts[0]).toMatchObject({
      rule: 'exhaustion',
      state: 'firing',
      severity: 'critical',
      guide: 'rules.md#exhaustion',
    })
    expect(body.counts).toMatchObject({ firing: { critical: 1, warn: 0, info: 0 } })
    expect(body.counts.pending).toBe(body.alerts.filter(({ state }) => state === 'pending').length)
    made.pass(35)
    const over = (await made.get<Alerts>('/api/v1/alerts?state=resolved')).body.alerts
    expect(over).toMatchObject([{ state: 'resolved', resolvedMs: expect.any(Number) }])
    expect((await made.get<Alerts>('/api/v1/alerts?state=firing')).body.alerts).toEqual([])
    expect((await made.get<Alert>(`/api/v1/alerts/${over[0]?.id}`)).body.state).toBe('resolved')
  })

  it('refuses a state that is none', async () => {
    const made = await agent()
    expect((await made.get('/api/v1/alerts?state=loud')).status).toBe(400)
    expect((await made.get('/api/v1/alerts/none')).status).toBe(404)
  })

  it('asks for the token like everything else', async () => {
    const made = await agent({ token: 'a-token-of-twenty-ch' })
    for (const url of ['/api/v1/alerts', '/api/v1/advice', '/api/v1/silences', '/api/v1/alerts/x/blackbox']) {
      expect((await made.get(url)).status).toBe(401)
    }
  })
})

describe('POST /api/v1/alerts/:id/ack', () => {
  it('marks who fires, and knows no other', async () => {
    const made = await agent()
    made.pass(15, FULL)
    const [alert] = made.alerts.list('firing').alerts
    const answer = await made.app.inject({ method: 'POST', url: `/api/v1/alerts/${alert?.id}/ack` })
    expect([answer.statusCode, answer.json().acknowledgedMs]).toEqual([200, made.clock.atMs])
    const none = await made.app.inject({ method: 'POST', url: '/api/v1/alerts/none/ack' })
    expect([none.statusCode, none.json().code]).toEqual([404, 'not_found'])
  })
})

describe('/api/v1/silences', () => {
  it('are made, listed and ended', async () => {
    const made = await agent()
    const payload = { rule: 'exhaustion', comment: 'load test', untilMs: made.clock.atMs + 60_000 }
    const answer = await made.app.inject({ method: 'POST', url: '/api/v1/silences', payload, headers: json })
    const silence = answer.json() as Silence
    expect([answer.statusCode, silence]).toEqual([
      201,
      { ...payload, id: silence.id, subject: null, createdMs: made.clock.atMs },
    ])
    expect((await made.get('/api/v1/silences')).body).toEqual({ silences: [silence] })
    made.pass(15, FULL)
    expect(made.alerts.list('firing').alerts).toMatchObject([{ silenceId: silence.id }])
    const ended = await made.app.inject({ method: 'DELETE', url: `/api/v1/silences/${silence.id}` })
    expect([ended.statusCode, ended.body]).toEqual([204, ''])
    expect(
      (await made.app.inject({ method: 'DELETE', url: `/api/v1/silences/${silence.id}` })).statusCode,
    ).toBe(404)
  })

  it.each([
    ['one without an end', { comment: 'x' }],
    ['one without a comment', { untilMs: 9e15 }],
    ['one that is over', { comment: 'x', untilMs: 1 }],
    ['an unknown key', { comment: 'x', untilMs: 9e15, service: 'a' }],
  ])('refuse %s', async (_what, payload) => {
    const made = await agent()
    const answer = await made.app.inject({ method: 'POST', url: '/api/v1/silences', payload, headers: json })
    expect([answer.statusCode, answer.json().code]).toEqual([400, 'invalid_request'])
  })
})

describe('GET /api/v1/advice', () => {
  it('answers the lists with evidence, and a score in which what is unknown is no pass', async () => {
    const made = await agent()
    made.fleet.addServer(SERVER)
    made.fleet.takeServer(SERVER.id, {
      state: 'up',
      error: null,
      sample: aSample(made.clock.atMs, [aSession({ application: '' })]),
    })
    made.pass(3, { acquireTimeoutMs: null })
    const { body } = await made.get<Advice>('/api/v1/advice')
    expect([body.checklist.length, body.antiPatterns.length, body.reviewQuestions.length]).toEqual([23, 8, 8])
    const service = body.subjects.find(({ id }) => id === 'checkout')
    expect(service?.causes).toMatchObject([{ cause: 'healthy' }])
    expect(service?.checklist.find(({ id }) => id === 'acquire-timeout')).toMatchObject({
      state: 'fail',
      reason: expect.stringContaining('without limit'),
    })
    expect(service?.checklist.find(({ id }) => id === 'acquire-timeout')?.examples.length).toBeGreaterThan(0)
    expect(service?.verdicts.find(({ rule }) => rule === 'no-acquire-timeout')).toMatchObject({
      level: 'warn',
      remedy: expect.any(String),
    })
    // A day of reports is missing, so that nobody can tell yet whether the size is right.
    expect(service?.checklist.find(({ id }) => id === 'max-fits')?.state).toBe('unknown')
    expect(body.subjects.some(({ kind }) => kind === 'server')).toBe(true)
    const { passed, failed, unknown, ratio } = body.score
    expect(ratio).toBeCloseTo(passed / (passed + failed + unknown))
    expect(unknown).toBeGreaterThan(0)
  })

  it('gives nobody a better score for hiding its pools', async () => {
    const [seen, hidden] = [await agent(), await agent()]
    for (const made of [seen, hidden]) {
      made.fleet.addServer(SERVER)
      for (let i = 0; i < 5; i++) {
        made.clock.advance(1000)
        const sessions = [aSession({ application: 'checkout', user: 'checkout' })]
        made.fleet.takeServer(SERVER.id, {
          state: 'up',
          error: null,
          sample: aSample(made.clock.atMs, sessions),
        })
        if (made === seen)
          made.fleet.takeReport(aReport([aPool({ acquireTimeoutMs: null, sessionPids: [100] })]))
      }
    }
    const scoreOf = async ({ get }: typeof seen) =>
      (await get<Advice>('/api/v1/advice')).body.subjects.find(({ id }) => id === 'checkout')?.score.ratio
    expect(await scoreOf(hidden)).toBeLessThan((await scoreOf(seen)) as number)
  })

  it('takes a rule that is off for unknown, not for passed', async () => {
    const made = await agent({}, { rules: { 'no-acquire-timeout': { enabled: false, settings: {} } } })
    made.pass(2)
    const { body } = await made.get<Advice>('/api/v1/advice')
    expect(body.checklist.find(({ id }) => id === 'acquire-timeout')?.state).toBe('unknown')
  })
})

describe('GET /api/v1/groups/:id/cause', () => {
  it('says why callers wait', async () => {
    const made = await agent()
    made.pass(3, FULL)
    const id = made.fleet.snapshot().groups[0]?.id
    const { body } = await made.get<Cause>(`/api/v1/groups/${id}/cause`)
    expect(body).toMatchObject({
      subject: id,
      cause: 'undersized',
      sentence: expect.stringContaining('too small'),
    })
    expect((await made.get('/api/v1/groups/none/cause')).status).toBe(404)
  })
})

describe('GET /api/v1/alerts/:id/blackbox', () => {
  async function kept() {
    const dir = await tempDir()
    closers.push(() => dir.stop())
    return { dir: dir.path, made: await agent({}, { dir: dir.path }) }
  }

  it('has the minutes before and after, as one file that outlives the agent', async () => {
    const { dir, made } = await kept()
    made.fleet.addServer(SERVER)
    const passSampled = (seconds: number, pool = {}) => {
      for (let i = 0; i < seconds; i++) {
        const sample = aSample(made.clock.atMs, [aSession({ pid: 7 })])
        made.fleet.takeServer(SERVER.id, { state: 'up', error: null, sample })
        made.pass(1, pool)
      }
    }
    const held = {
      ...FULL,
      sessionPids: [7],
      holders: [{ heldMs: 900, sessionPid: 7, stack: ['buy (buy.ts:1:1)'] }],
    }
    passSampled(100)
    passSampled(15, held)
    const [alert] = made.alerts.list('firing').alerts
    expect(alert).toMatchObject({ blackBox: false })
    expect((await made.get(`/api/v1/alerts/${alert?.id}/blackbox`)).status).toBe(404)
    passSampled(121, held)
    await eventually(() => expect(made.alerts.list('firing').alerts).toMatchObject([{ blackBox: true }]))
    const { body, answer } = await made.get<BlackBox>(`/api/v1/alerts/${alert?.id}/blackbox`)
    expect(answer.headers['content-disposition']).toMatch(
      /^attachment; filename="poolscope-exhaustion-.*\.json"$/,
    )
    expect(body).toMatchObject({
      version: 1,
      alert: { id: alert?.id },
      moments: [{ atMs: alert?.firedMs }, { atMs: (alert?.firedMs as number) + 120_000 }],
    })
    const group = alert?.subject as string
    expect(body.moments[0]?.holders[group]?.holders).toMatchObject([
      { sessionPid: 7, stack: ['buy (buy.ts:1:1)'] },
    ])
    expect(body.moments[0]?.sessions[SERVER.id]?.sessions).toMatchObject([{ pid: 7 }])
    const rows = body.histories[group]
    // 100 s of calm before, and two minutes after.
    expect(rows?.columns.waiting?.[0]).toBe(0)
    expect(rows?.columns.waiting?.at(-1)).toBe(3)
    expect(rows?.atMs.length).toBeGreaterThan(200)

    const packed = await made.app.inject({
      url: `/api/v1/alerts/${alert?.id}/blackbox`,
      headers: { 'accept-encoding': 'gzip' },
    })
    expect(JSON.parse(gunzipSync(packed.rawPayload).toString())).toEqual(body)
    const again = await agent({}, { dir })
    expect((await again.get<BlackBox>(`/api/v1/alerts/${alert?.id}/blackbox`)).body).toEqual(body)
  })

  it('is written when the agent stops in between', async () => {
    const { dir, made } = await kept()
    made.pass(15, FULL)
    await made.alerts.close()
    expect(readdirSync(join(dir, 'alerts', 'blackbox'))).toEqual([
      expect.stringMatching(/^exhaustion-.*\.json\.gz$/),
    ])
  })

  it('is looked up by a name that leads nowhere else', async () => {
    const { made } = await kept()
    for (const id of ['..%2F..%2Fstate', '%2Fetc%2Fpasswd', '..']) {
      expect((await made.get(`/api/v1/alerts/${id}/blackbox`)).status).toBe(404)
    }
  })
})

describe('/metrics', () => {
  it('has alerts by rule, severity and state, and how notifiers fare, without their addresses', async () => {
    const gone = await startReceiver()
    await gone.stop()
    const url = `${gone.url}/a-secret-path`
    const made = await agent({}, { notifiers: [{ name: 'hook', type: 'slack', url, atLeast: 'warn' }] })
    made.pass(15, FULL)
    await eventually(() =>
      expect(made.alerts.list(null).notifiers).toMatchObject([
        { error: { message: 'failed with ECONNREFUSED' } },
      ]),
    )
    const metrics = (await made.app.inject({ url: '/metrics' })).body
    expect(metrics).toContain('poolscope_alerts{rule="exhaustion",severity="critical",state="firing"} 1')
    expect(metrics).toMatch(/poolscope_notifications_failed_total\{notifier="hook",type="slack"\} [1-9]/)
    expect(metrics + (await made.app.inject({ url: '/api/v1/alerts' })).body).not.toContain('a-secret-path')
  })
})

describe('/health/db', () => {
  const health = async (made: Awaited<ReturnType<typeof agent>>) => {
    const { status, body } = await made.get<{ status: string; pools: { status: string; reason: string }[] }>(
      '/health/db',
    )
    return [status, body.status, body.pools.map(({ reason }) => reason)]
  }

  it('takes a busy pool with a long queue for healthy', async () => {
    const made = await agent()
    made.pass(60, { inUse: 10, waiting: 40 })
    expect(await health(made)).toEqual([200, 'healthy', []])
  })

  it('takes a full pool from which nothing came back for 30 s for unhealthy, and not before', async () => {
    const made = await agent()
    made.pass(20, { inUse: 10, waiting: 40 }, { checkouts: 0 })
    expect(await health(made)).toEqual([200, 'healthy', []])
    made.pass(20, { inUse: 10, waiting: 40 }, { checkouts: 0 })
    expect(await health(made)).toEqual([503, 'unhealthy', ['Stuck: full, and nothing came back for 30 s.']])
    made.pass(2, { inUse: 10, waiting: 40 })
    const recovering = 'Recovering: it was stuck, and connections come back again.'
    expect(await health(made)).toEqual([503, 'degraded', [recovering]])
    made.pass(5, { inUse: 10, waiting: 40 })
    expect(await health(made)).toEqual([200, 'healthy', []])
  })

  it('takes a full pool with a second between two checkouts for busy', async () => {
    const made = await agent()
    for (let i = 0; i < 16; i++) {
      made.pass(1, { inUse: 10, waiting: 40 })
      made.pass(2, { inUse: 10, waiting: 40 }, { checkouts: 0 })
    }
    expect(await health(made)).toEqual([200, 'healthy', []])
  })

  it('takes more than ten waiting callers for a failure only where that is asked for', async () => {
    const made = await agent({}, { healthCompatibility: true })
    made.pass(1, { inUse: 10, waiting: 10 })
    expect(await health(made)).toEqual([200, 'healthy', []])
    made.pass(1, { inUse: 10, waiting: 11 })
    expect(await health(made)).toEqual([503, 'degraded', ['High connection wait queue']])
    made.pass(1, { inUse: 10, waiting: 6 })
    expect(await health(made)).toEqual([503, 'degraded', ['High connection wait queue']])
    made.pass(1, { inUse: 10, waiting: 5 })
    expect(await health(made)).toEqual([200, 'healthy', []])
  })
})
