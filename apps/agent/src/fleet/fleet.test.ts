import type { PoolNow } from '@poolscope/protocol'
import { describe, expect, it } from 'vitest'
import { aPool, aReport, aSample, aSession, histogramOf, manualClock, SERVER } from '../../test/support.ts'
import type { ServerSample } from '../sources/source.ts'
import { Fleet } from './fleet.ts'

function start() {
  const clock = manualClock()
  const fleet = new Fleet({ now: clock.now, tickMs: 1000 })
  return { clock, fleet }
}

/** Three samples a second apart: the first two might be of a probe that has not reported yet. */
function sampled(fleet: Fleet, clock: ReturnType<typeof manualClock>, sessions: ServerSample['sessions']) {
  for (let i = 0; i < 3; i++) {
    if (i > 0) clock.advance(1000)
    fleet.takeServer(SERVER.id, { state: 'up', error: null, sample: aSample(clock.atMs, sessions) })
  }
}

function only(pools: PoolNow[]): PoolNow {
  expect(pools).toHaveLength(1)
  return pools[0] as PoolNow
}

describe(Fleet, () => {
  it('shows what the last report said, at once', () => {
    const { fleet, clock } = start()
    fleet.takeReport(aReport([aPool({ inUse: 7, idle: 1, connecting: 1, waiting: 3 })]))
    const pool = only(fleet.snapshot().pools)
    expect(pool).toMatchObject({ inUse: 7, idle: 1, connecting: 1, waiting: 3, utilizationRatio: 0.7 })
    expect(pool).toMatchObject({ atMs: clock.atMs, stale: false, origin: 'probe', serverId: null })
  })

  it('gives rates over the named window and forgets what is older', () => {
    const { fleet, clock } = start()
    for (let second = 0; second < 20; second++) {
      const checkouts = second < 10 ? 100 : 4
      fleet.takeReport(aReport([aPool({}, { checkouts })]))
      clock.advance(1000)
    }
    // 10 reports of 4 in 10 windows of 1 s
    expect(only(fleet.snapshot().pools).checkoutsPerSec).toBe(4)
  })

  it('merges instances without averaging percentiles', () => {
    const { fleet } = start()
    const slow = histogramOf(...Array(5).fill(400))
    const fast = histogramOf(...Array(95).fill(1))
    fleet.takeReport(aReport([aPool({ inUse: 2 }, { wait: slow })], { instance: 'a' }))
    fleet.takeReport(aReport([aPool({ inUse: 3 }, { wait: fast })], { instance: 'b' }))
    const [group] = fleet.snapshot().groups
    expect(group).toMatchObject({ instances: 2, inUse: 5, max: 20 })
    // ranks 50 and 95 of 100 are among the 95 fast ones, rank 99 among the slow ones
    expect(group?.waitMs.p50).toBeCloseTo(1, 1)
    expect(group?.waitMs.p95).toBeCloseTo(1, 1)
    expect(Math.abs((group?.waitMs.p99 as number) - 400) / 400).toBeLessThan(0.02)
    expect(group?.waitMs.max).toBe(400)
  })

  it('turns a silent probe stale with its last numbers, not zero, and a gap in history', () => {
    const { fleet, clock } = start()
    fleet.takeReport(aReport([aPool({ inUse: 4 })]))
    fleet.tick()
    clock.advance(5000)
    fleet.tick()
    const pool = only(fleet.snapshot().pools)
    expect(pool).toMatchObject({ stale: true, status: 'stale', inUse: 4 })
    expect(fleet.recent(pool.id)?.column('inUse')).toEqual(Float64Array.of(4, Number.NaN))
  })

  it('leaves a silent instance out of the sums while another one reports', () => {
    const { fleet, clock } = start()
    fleet.takeReport(aReport([aPool({ inUse: 9 })], { instance: 'gone' }))
    clock.advance(5000)
    fleet.takeReport(aReport([aPool({ inUse: 1 })], { instance: 'here' }))
    expect(fleet.snapshot().groups[0]).toMatchObject({
      inUse: 1,
      instances: 1,
      staleInstances: 1,
      stale: false,
    })
  })

  it('takes in a report once, however often it is sent because its answer was lost', () => {
    const { fleet, clock } = start()
    const report = aReport([aPool({}, { checkouts: 8 })])
    const replies = [report, report, aReport([aPool({}, { checkouts: 3 })])].map((one) => {
      clock.advance(1000)
      return fleet.takeReport(one)
    })
    expect(replies.map(({ accepted }) => accepted)).toEqual([1, 1, 1])
    expect([...fleet.entries()].map(({ totals }) => totals.checkouts)).toEqual([11])
    // The same number of a process that began anew is another report.
    fleet.takeReport({ ...report, startedAtMs: report.startedAtMs + 1 })
    expect([...fleet.entries()].map(({ totals }) => totals.checkouts)).toEqual([19])
  })

  it('forgets a pool that was ended', () => {
    const { fleet } = start()
    fleet.takeReport(aReport([aPool()]))
    fleet.takeReport(aReport([aPool({ ended: true })]))
    expect(fleet.snapshot().pools).toEqual([])
  })

  it('knows a pool that ended and began anew in one report for another', () => {
    const { fleet } = start()
    const others = [aPool({ name: 'others' }), aPool({ name: 'last', inUse: 4 })]
    fleet.takeReport(aReport([aPool({ inUse: 1 }, { checkouts: 5 }), ...others]))
    fleet.takeReport(aReport([aPool({ ended: true }), aPool({ inUse: 2 }, { checkouts: 7 }), ...others]))
    fleet.takeReport(aReport([aPool({ inUse: 3 }, { checkouts: 1 }), ...others]))
    expect([...fleet.entries()].map(({ last, totals }) => [last.name, last.inUse, totals.checkouts])).toEqual(
      [
        ['others', 0, 0],
        ['last', 4, 0],
        ['orders', 3, 8],
      ],
    )
  })

  it('begins a new window when the process restarts', () => {
    const { fleet, clock } = start()
    fleet.takeReport(aReport([aPool({}, { checkouts: 500 })]))
    clock.advance(1000)
    fleet.takeReport(aReport([aPool({}, { checkouts: 2 })], { startedAtMs: 1_700_000_000_500 }))
    expect(only(fleet.snapshot().pools).checkoutsPerSec).toBe(2)
  })

  it('joins pools to the server by session process ids and names the rest observed', () => {
    const { fleet, clock } = start()
    fleet.addServer(SERVER)
    const mine = aSession({ pid: 7, application: 'checkout', user: 'checkout', state: 'active' })
    fleet.takeReport(
      aReport([
        aPool({
          inUse: 1,
          target: { host: 'db.internal', port: 5432, database: 'shop', user: 'checkout' },
          sessionPids: [7],
          holders: [{ heldMs: 250, sessionPid: 7, stack: ['f (a.ts:1:1)'] }],
        }),
      ]),
    )
    sampled(fleet, clock, [
      mine,
      aSession({ pid: 8, state: 'active' }),
      aSession({ pid: 9, state: 'idle in transaction' }),
      aSession({ pid: 10, state: 'idle' }),
      // Another agent's, which is no service.
      aSession({ pid: 11, application: 'poolscope', user: 'poolscope' }),
    ])
    const { pools, servers } = fleet.snapshot()
    const probed = pools.find((pool) => pool.origin === 'probe') as PoolNow
    expect(probed.serverId).toBe(SERVER.id)
    expect(only(pools.filter((pool) => pool.origin === 'observed'))).toMatchObject({
      service: 'backoffice',
      name: 'backoffice@shop',
      inUse: 2,
      idle: 1,
      max: null,
      waiting: null,
      status: 'unknown',
    })
    expect(fleet.holders(probed.groupId).holders[0]).toMatchObject({
      sessionState: 'active',
      stack: ['f (a.ts:1:1)'],
      sinceMs: clock.atMs - 2250,
    })
    expect(fleet.sessions(SERVER.id)?.sessions.find((s) => s.pid === 7)?.poolId).toBe(probed.id)
    expect(servers[0]?.pools).toEqual({ count: 1, maxSum: 10 })
  })

  it('does not show a new probe’s sessions as an observed pool before its first report', () => {
    const { fleet, clock } = start()
    fleet.addServer(SERVER)
    const session = aSession({ pid: 7, application: 'checkout', user: 'checkout', connectedMs: 100 })
    const sample = () => ({ state: 'up' as const, error: null, sample: aSample(clock.atMs, [session]) })
    fleet.takeServer(SERVER.id, sample())
    clock.advance(1000)
    fleet.takeServer(SERVER.id, sample())
    fleet.takeReport(aReport([aPool({ sessionPids: [7] })]))
    clock.advance(1000)
    fleet.takeServer(SERVER.id, sample())
    expect(fleet.snapshot().pools.map((pool) => pool.origin)).toEqual(['probe'])
  })

  it.each([
    ['unknown', 20],
    ['unknown', 59_000],
    ['starting', 20],
    ['starting', 90_000],
  ])('does not take sessions that are still starting (%s, %i ms) for a pool without a name', (state, ms) => {
    const { fleet, clock } = start()
    fleet.addServer(SERVER)
    for (const pid of [7, 8, 9, 10]) {
      const session = aSession({ pid, application: '', state, connectedMs: ms })
      fleet.takeServer(SERVER.id, { state: 'up', error: null, sample: aSample(clock.atMs, [session]) })
      clock.advance(1000)
    }
    expect(fleet.snapshot().pools).toEqual([])
  })

  it('takes sessions without a name and a state for a pool where logins may not see more', () => {
    const { fleet, clock } = start()
    fleet.addServer(SERVER)
    for (const pid of [7, 7, 7]) {
      const session = aSession({ pid, application: '', state: 'unknown', connectedMs: null })
      fleet.takeServer(SERVER.id, { state: 'up', error: null, sample: aSample(clock.atMs, [session]) })
      clock.advance(1000)
    }
    expect(fleet.snapshot().pools).toMatchObject([{ service: '(no application name)' }])
  })

  it('does not claim the same pid of another user', () => {
    const { fleet, clock } = start()
    fleet.addServer(SERVER)
    fleet.takeReport(
      aReport([
        aPool({
          target: { host: 'elsewhere', port: 5432, database: 'shop', user: 'checkout' },
          sessionPids: [7],
        }),
      ]),
    )
    fleet.takeServer(SERVER.id, {
      state: 'up',
      error: null,
      sample: aSample(clock.atMs, [aSession({ pid: 7, user: 'someone-else' })]),
    })
    expect(fleet.snapshot().pools.find((pool) => pool.origin === 'probe')?.serverId).toBeNull()
  })

  it('keeps the last sample of a lost server and says since when it is lost', () => {
    const { fleet, clock } = start()
    fleet.addServer(SERVER)
    const sample = aSample(clock.atMs, [aSession()])
    fleet.takeServer(SERVER.id, { state: 'up', error: null, sample })
    const lostAtMs = clock.atMs + 1000
    for (let i = 0; i < 3; i++) {
      clock.advance(1000)
      const error = { code: 'connection_refused', message: 'Nothing listens there.' } as const
      fleet.takeServer(SERVER.id, { state: 'unreachable', error, sample: null })
    }
    expect(fleet.server(SERVER.id)).toMatchObject({
      state: 'unreachable',
      stale: true,
      status: 'critical',
      connections: { total: 2 },
      error: { sinceMs: lostAtMs },
    })
  })

  it('keeps the ring right after it wrapped', () => {
    const { fleet, clock } = start()
    for (let i = 0; i < 700; i++) {
      fleet.takeReport(aReport([aPool({ inUse: i })]))
      fleet.tick()
      clock.advance(1000)
    }
    const inUse = fleet.recent(fleet.snapshot().groups[0]?.id as string)?.column('inUse')
    expect(inUse).toHaveLength(300)
    expect([inUse?.[0], inUse?.at(-1)]).toEqual([400, 699])
  })

  it('counts pools beyond its limit as dropped', () => {
    const { fleet } = start()
    for (let batch = 0; batch < 26; batch++) {
      const pools = Array.from({ length: 200 }, (_, i) => aPool({ name: `p${batch}-${i}` }))
      fleet.takeReport(aReport(pools))
    }
    expect(fleet.snapshot().pools).toHaveLength(5000)
    expect(fleet.droppedTotal).toBe(200)
  })
})
