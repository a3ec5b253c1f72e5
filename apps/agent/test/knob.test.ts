import type { Knob, KnobRequest, PoolReport } from '@poolscope/protocol'
import { afterEach, describe, expect, it } from 'vitest'
import { aPool, aReport, aSample, aSession, histogramOf, SERVER, testAgent } from './support.ts'

type Agent = Awaited<ReturnType<typeof testAgent>>
const agents: Agent[] = []
afterEach(async () => {
  for (const made of agents.splice(0)) await made.app.close()
})

async function started(...[access, over]: Parameters<typeof testAgent>): Promise<Agent> {
  const made = await testAgent(access, { knob: true, ...over })
  agents.push(made)
  return made
}

const turnable = { least: 2, most: 40, original: 10 }
const PROCESS_MS = 1_699_999_000_000

type Load = { waitMs?: number; holdMs?: number; checkouts?: number; timeouts?: number }

type Process = { instance?: string; startedAtMs?: number }

/** What a process with one pool reports of a second. */
function reportOf(over: Partial<PoolReport>, load: Load, process: Process = {}) {
  const { waitMs = 5, holdMs = 20, checkouts = 20, timeouts = 0 } = load
  const spread = (ms: number) => histogramOf(...Array<number>(checkouts).fill(ms))
  const window = { checkouts, timeouts, wait: spread(waitMs), hold: spread(holdMs) }
  const pool = aPool({ turnable, sessionPids: [1], ...over }, window)
  return aReport([pool], { startedAtMs: PROCESS_MS, ...process })
}

/** Reports over HTTP; answers what the agent wants of the process. */
async function report(made: Agent, over: Partial<PoolReport> = {}, load: Load = {}, process: Process = {}) {
  const payload = reportOf(over, load, process)
  const answer = await made.app.inject({ method: 'POST', url: '/api/v1/reports', payload })
  expect(answer.statusCode, answer.body).toBe(200)
  return answer.json().setMax
}

/** So many seconds of it. */
function seconds(made: Agent, count: number, max: number, load: Load = {}): void {
  for (let second = 0; second < count; second++) {
    made.fleet.takeReport(reportOf({ max }, load))
    made.tick()
  }
}

const groupId = (made: Agent) => made.fleet.groupIds()[0] as string
const route = (made: Agent) => `/api/v1/groups/${groupId(made)}/max`
const ask = (made: Agent, request: Partial<KnobRequest> = {}, headers = {}) =>
  made.app.inject({ method: 'POST', url: route(made), payload: { max: 20, by: 'Ann', ...request }, headers })
const undo = (made: Agent) => made.app.inject({ method: 'DELETE', url: route(made), payload: { by: 'Bob' } })
const stateOf = async (made: Agent): Promise<Knob> => (await made.app.inject(route(made))).json()
const wish = (max: number) => [{ system: 'postgresql', name: 'orders', max, forMs: 30_000 }]

/** An agent of whose pool a minute is known, and whose limit was then changed and taken. */
async function turned(max: number, load: Load = {}, request: Partial<KnobRequest> = {}): Promise<Agent> {
  const made = await started()
  seconds(made, 60, 10, load)
  expect((await ask(made, { max, ...request })).statusCode).toBe(201)
  seconds(made, 1, max, load)
  expect((await stateOf(made)).change).toMatchObject({ state: 'applied', appliedMs: made.clock.atMs })
  return made
}

describe('POST /api/v1/groups/:id/max', () => {
  it('asks the process with the answer to its next report, and knows when it is done', async () => {
    const made = await started()
    expect(await report(made)).toBeUndefined()
    made.tick()
    const answer = await ask(made, { reason: 'callers wait', minutes: 30 })
    expect(answer.statusCode, answer.body).toBe(201)
    expect(answer.json()).toMatchObject({ state: 'asked', max: 20, from: [10], by: 'Ann', rule: 'wait' })
    expect(await report(made)).toEqual(wish(20))
    expect(await report(made, { max: 20 })).toEqual(wish(20))
    made.tick()
    expect(await stateOf(made)).toMatchObject({
      enabled: true,
      pools: [{ instance: 'host-a:1', max: 20, ...turnable }],
      change: { state: 'applied', reason: 'callers wait', ended: null },
    })
    expect(made.recorded).toMatchObject([
      {
        kind: 'config_change',
        poolId: groupId(made),
        text: 'Ann asks for 20 connections instead of 10: callers wait',
      },
    ])
  })

  it('asks only the process that it is for, and not one that has begun anew under its name', async () => {
    const made = await started()
    await report(made)
    await report(made, {}, {}, { instance: 'host-b:1' })
    made.tick()
    const [first] = (await stateOf(made)).pools
    await ask(made, { poolIds: [first?.poolId as string] })
    expect(await report(made, {}, {}, { instance: 'host-b:1' })).toBeUndefined()
    expect(await report(made)).toEqual(wish(20))
    expect(await report(made, {}, {}, { startedAtMs: PROCESS_MS + 1 })).toBeUndefined()
    made.tick()
    expect((await stateOf(made)).change).toMatchObject({
      state: 'over',
      ended: 'Its processes are gone or began anew, each with its own limit.',
    })
  })

  it.each([
    [{ max: 41 }, 'host-a:1 allows 2 to 40.'],
    [{ max: 1 }, 'host-a:1 allows 2 to 40.'],
    [{ max: 10 }, 'It is 10 already.'],
    [{ rule: 'no-such' }, 'There is no rule no-such.'],
    [{ poolIds: ['no-such'] }, 'No process of it allows its limit to be changed.'],
  ])('refuses %j', async (request, message) => {
    const made = await started()
    await report(made)
    made.tick()
    const answer = await ask(made, request)
    expect([answer.statusCode, answer.json()]).toEqual([409, { code: 'knob_refused', message }])
    expect(await report(made)).toBeUndefined()
    expect(made.recorded).toEqual([])
  })

  it.each([{ max: 0 }, { max: 2.5 }, { by: ' ' }, { minutes: 0 }, { more: 1 }])(
    'takes %j for no request',
    async (request) => {
      const made = await started()
      await report(made)
      made.tick()
      expect((await ask(made, request as Partial<KnobRequest>)).statusCode).toBe(400)
    },
  )

  it('refuses what the server could not take if every pool filled up, and says so', async () => {
    const made = await started()
    made.fleet.addServer(SERVER)
    const sample = aSample(made.clock.atMs, [aSession({ pid: 1, application: 'checkout' })])
    made.fleet.takeServer(SERVER.id, { state: 'up', error: null, sample: { ...sample, maxConnections: 30 } })
    await report(made, { inUse: 1 })
    made.tick()
    const answer = await ask(made, { max: 27 })
    // 30 less 3 reserved; 27 and the agent's own
    expect(answer.json().message).toBe(
      '127.0.0.1:5432 takes 27 connections; if every pool filled up there would be 28.',
    )
    expect((await ask(made, { max: 26 })).statusCode).toBe(201)
  })

  it('refuses a pool whose process does not allow it', async () => {
    const made = await started()
    await report(made, { turnable: null })
    made.tick()
    expect((await stateOf(made)).pools).toEqual([])
    expect((await ask(made)).statusCode).toBe(409)
  })

  it('is switched off by default', async () => {
    const made = await started({}, { knob: false })
    await report(made)
    made.tick()
    expect(await stateOf(made)).toEqual({ enabled: false, pools: [], change: null })
    for (const answer of [await ask(made), await undo(made)])
      expect([answer.statusCode, answer.json().code]).toEqual([403, 'knob_off'])
  })

  it('refuses pages of other origins, and whoever has no token', async () => {
    const made = await started({ token: 'a-token-of-the-test' })
    made.fleet.takeReport(aReport([aPool({ turnable })]))
    const foreign = { origin: 'https://elsewhere.example', authorization: 'Bearer a-token-of-the-test' }
    expect((await ask(made, {}, foreign)).json().code).toBe('forbidden_origin')
    expect((await ask(made)).json().code).toBe('unauthorized')
    expect((await ask(made, {}, { authorization: 'Bearer a-token-of-the-test' })).statusCode).toBe(201)
  })

  it('goes back everywhere when a process does not take it', async () => {
    const made = await started()
    seconds(made, 1, 10)
    await ask(made)
    seconds(made, 32, 10)
    expect((await stateOf(made)).change).toMatchObject({ state: 'refused' })
    expect(await report(made)).toBeUndefined()
  })
})

describe('what ends a changed limit', () => {
  it('is whoever takes it back', async () => {
    const made = await turned(20)
    expect((await undo(made)).json()).toMatchObject({ state: 'undone', ended: 'Bob took it back.' })
    expect(await report(made, { max: 20 })).toBeUndefined()
    expect(made.recorded.at(-1)?.text).toBe('The limit of 20 connections is undone: Bob took it back.')
    expect((await undo(made)).statusCode).toBe(404)
  })

  it('is the time that was given it', async () => {
    const made = await turned(20, {}, { minutes: 1 })
    seconds(made, 58, 20)
    expect((await stateOf(made)).change?.state).toBe('applied')
    seconds(made, 2, 20)
    expect((await stateOf(made)).change).toMatchObject({ state: 'over', ended: 'Its time is over.' })
    expect(await report(made, { max: 20 })).toBeUndefined()
  })

  it('is another change', async () => {
    const made = await turned(20)
    expect((await ask(made, { max: 15, by: 'Bob' })).statusCode).toBe(201)
    expect(await report(made, { max: 20 })).toEqual(wish(15))
    expect(made.recorded.map(({ text }) => text).slice(1)).toEqual([
      'The limit of 20 connections is over: Bob asked for 15 instead.',
      'Bob asks for 15 connections instead of 20.',
    ])
  })

  it('is that it got worse: waits and holds together', async () => {
    const made = await turned(5, { waitMs: 5, holdMs: 20 })
    seconds(made, 75, 5, { waitMs: 90, holdMs: 20 })
    const { change } = await stateOf(made)
    expect(change?.state).toBe('rolled_back')
    expect(change?.ended).toMatch(
      /^Wait and hold together took (1\d\d) ms at the 95th percentile, 2[45] ms before\.$/,
    )
    expect(await report(made, { max: 5 })).toBeUndefined()
    expect(made.recorded.at(-1)?.text).toMatch(/^The limit of 5 connections is rolled back: Wait and hold/)
  })

  it('is that more callers give up', async () => {
    const made = await turned(5)
    seconds(made, 75, 5, { timeouts: 2 })
    expect((await stateOf(made)).change?.ended).toMatch(/^\d+\.\d % of the callers gave up, 0\.0 % before\.$/)
  })

  it('is that the rule which asked for it got worse', async () => {
    const made = await turned(5, { waitMs: 5, checkouts: 1 }, { rule: 'utilization' })
    // Too little to compare: one checkout in four seconds.
    for (let second = 0; second < 60; second++) {
      made.fleet.takeReport(reportOf({ max: 5, inUse: 5 }, { checkouts: second % 4 === 0 ? 1 : 0 }))
      made.tick()
    }
    expect((await stateOf(made)).change?.ended).toBe('“Pool nearly full” got worse than it was.')
  })

  it('is, of a larger pool, that its server nears its limit', async () => {
    const made = await started()
    made.fleet.addServer(SERVER)
    const sample = (sessions: number) =>
      made.fleet.takeServer(SERVER.id, {
        state: 'up',
        error: null,
        sample: aSample(
          made.clock.atMs,
          Array.from({ length: sessions }, (_, pid) => aSession({ pid: pid + 1, application: 'checkout' })),
        ),
      })
    sample(20)
    seconds(made, 30, 10)
    expect((await ask(made, { max: 20 })).statusCode).toBe(201)
    for (let second = 0; second < 50; second++) {
      sample(90)
      seconds(made, 1, 20)
    }
    expect((await stateOf(made)).change?.ended).toBe('“Server near its limit” got worse than it was.')
  })

  it.each<[string, number, Load]>([
    ['callers fare as before', 5, {}],
    ['callers wait less, though holds take longer', 20, { waitMs: 1, holdMs: 30 }],
    ['it is a little worse', 5, { waitMs: 9, holdMs: 20 }],
    ['a larger pool has twice the traffic', 20, { waitMs: 90, checkouts: 40 }],
    ['there is next to no traffic', 5, { waitMs: 90, checkouts: 0 }],
  ])('is not that %s', async (_why, max, load) => {
    const made = await turned(max, { waitMs: 8, holdMs: 25 })
    seconds(made, 120, max, load)
    expect((await stateOf(made)).change?.state).toBe('applied')
    expect(await report(made, { max })).toEqual(wish(max))
  })

  it('is not that it was worse for less than twenty seconds', async () => {
    const made = await turned(5)
    seconds(made, 60, 5)
    seconds(made, 8, 5, { waitMs: 900 })
    seconds(made, 60, 5)
    expect((await stateOf(made)).change?.state).toBe('applied')
  })
})
