import type { PoolNow, PoolReport, Session } from '@poolscope/protocol'
import { describe, expect, it } from 'vitest'
import { aPool, aReport, aSample, aSession, manualClock } from '../../test/support.ts'
import type { ServerPool, Source } from '../sources/source.ts'
import { attribute, speaks } from './attribution.ts'
import { Fleet } from './fleet.ts'

type Watched = Pick<Source, 'id' | 'name' | 'system' | 'address'>
const serverOf = (system: Watched['system'], address: string): Watched => ({
  id: `${system} ${address}`,
  name: address,
  system,
  address,
})
const POSTGRES = serverOf('postgresql', 'db.internal:5432')
const REPLICA = serverOf('postgresql', 'replica.internal:5432')
const POOLER = serverOf('pgbouncer', 'pooler.internal:6432')

const aKept = (over: Partial<ServerPool> = {}): ServerPool => ({
  database: 'shop',
  user: 'app',
  mode: 'transaction',
  max: 5,
  min: 0,
  inUse: 1,
  idle: 1,
  connecting: 0,
  waiting: 0,
  oldestWaitMs: null,
  clientsActive: 1,
  checkoutsPerSec: null,
  upstream: 'db.internal:5432',
  upstreamPids: [71, 72],
  ...over,
})

type Listed = { server: Watched; sessions?: Omit<Session, 'poolId'>[]; pools?: ServerPool[] }

/** A fleet that has heard of these reports and then of these samples. */
function fleetOf(reported: PoolReport[], listed: Listed[], service = 'web') {
  const clock = manualClock()
  const fleet = new Fleet({ now: clock.now, tickMs: 1000 })
  for (const { server } of listed) fleet.addServer(server)
  if (reported.length > 0) fleet.takeReport(aReport(reported, { service }))
  for (const { server, sessions = [], pools = [] } of listed) {
    const sample = { ...aSample(clock.atMs, sessions), pools }
    fleet.takeServer(server.id, { state: 'up', error: null, sample })
  }
  const owners = (server: Watched) =>
    Object.fromEntries(fleet.sessions(server.id)?.sessions.map(({ pid, poolId }) => [pid, poolId]) ?? [])
  const pools = fleet.snapshot().pools
  return {
    fleet,
    owners,
    kept: pools.find(({ mode }) => mode !== null),
    probed: pools.filter(({ origin }) => origin === 'probe'),
  }
}

/** A pooler and the database behind it, which are sampled when the test says so. */
function chain() {
  const clock = manualClock()
  const fleet = new Fleet({ now: clock.now, tickMs: 1000 })
  for (const server of [POSTGRES, POOLER]) fleet.addServer(server)
  const take = (server: Watched, sessions: Omit<Session, 'poolId'>[], pools: ServerPool[] = []) => {
    const sample = { ...aSample(clock.atMs, sessions), pools }
    fleet.takeServer(server.id, { state: 'up', error: null, sample })
  }
  return { clock, fleet, take }
}

const behind = (pid: number, over: Partial<Omit<Session, 'poolId'>> = {}) =>
  aSession({ pid, user: 'app', database: 'shop', ...over })

describe(speaks, () => {
  it('lets a client of PostgreSQL talk to a pooler, and one of MySQL to either kind', () => {
    expect(speaks('pgbouncer', 'postgresql')).toBe(true)
    expect(speaks('mariadb', 'mysql')).toBe(true)
    expect(speaks('mysql', 'mariadb')).toBe(true)
    expect(speaks('redis', 'redis')).toBe(true)
    expect(speaks('postgresql', 'mysql')).toBe(false)
    expect(speaks('pgbouncer', 'mysql')).toBe(false)
  })
})

describe(attribute, () => {
  const target = { host: 'pooler.internal', port: 6432, database: 'shop', user: 'app' }

  it('leads a pool to the server at its address where another one has sessions with the same numbers', () => {
    const reported = aPool({
      system: 'mysql',
      target: { host: 'two.internal', port: 3306, database: 'shop', user: 'app' },
      sessionPids: [5, 6],
    })
    const sessions = [5, 6].map((pid) => aSession({ pid, user: 'app', database: 'shop', connectedMs: null }))
    const one = serverOf('mariadb', 'one.internal:3306')
    const two = serverOf('mariadb', 'two.internal:3306')
    const { probed, owners } = fleetOf(
      [reported],
      [
        { server: one, sessions },
        { server: two, sessions },
      ],
    )
    expect(probed).toMatchObject([{ serverId: two.id }])
    const [{ id }] = probed as [PoolNow]
    expect(owners(two)).toEqual({ 5: id, 6: id })
    expect(Object.values(owners(one))).not.toContain(id)
  })

  it('leads a pool to the pooler at its address, although the numbers of its sessions mean nothing there', () => {
    // 71 is a session of the database by accident: of another user.
    const { probed } = fleetOf(
      [aPool({ target, sessionPids: [71] })],
      [{ server: POSTGRES, sessions: [behind(71, { user: 'other' })] }, { server: POOLER }],
    )
    expect(probed.map(({ serverId }) => serverId)).toEqual([POOLER.id])
  })

  it('leads a kept pool to the server at the address that the pooler gives, and gives it its sessions there', () => {
    const { fleet, kept, owners } = fleetOf(
      [],
      [
        { server: REPLICA, sessions: [behind(71), behind(72)] },
        { server: POSTGRES, sessions: [behind(71), behind(72), behind(73)] },
        { server: POOLER, pools: [aKept()] },
      ],
    )
    expect(kept).toMatchObject({ serverId: POOLER.id, upstreamServerId: POSTGRES.id })
    expect(fleet.server(POOLER.id)?.upstreamIds).toEqual([POSTGRES.id])
    expect(owners(POSTGRES)).toEqual({ 71: kept?.id, 72: kept?.id, 73: null })
    expect(owners(REPLICA)).toEqual({ 71: null, 72: null })
  })

  it('finds the server by the sessions where the pooler has another name for it', () => {
    const { kept } = fleetOf(
      [],
      [
        { server: REPLICA, sessions: [behind(71, { user: 'someone', database: 'else' })] },
        { server: POSTGRES, sessions: [behind(71), behind(72, { database: 'renamed' })] },
        { server: POOLER, pools: [aKept({ upstream: 'postgres:5432' })] },
      ],
    )
    expect(kept?.upstreamServerId).toBe(POSTGRES.id)
  })

  it('does not know the server behind by half of the sessions', () => {
    const { kept } = fleetOf(
      [],
      [
        { server: POSTGRES, sessions: [behind(71)] },
        { server: POOLER, pools: [aKept({ upstream: 'postgres:5432' })] },
      ],
    )
    expect(kept?.upstreamServerId).toBeNull()
  })

  it('knows the server behind by its address before there is a connection', () => {
    const { kept } = fleetOf(
      [],
      [{ server: POSTGRES }, { server: POOLER, pools: [aKept({ upstreamPids: [] })] }],
    )
    expect(kept?.upstreamServerId).toBe(POSTGRES.id)
  })

  it('leaves a session that began after the pooler spoke to whom it belongs', () => {
    const { owners, kept } = fleetOf(
      [],
      [
        { server: POSTGRES, sessions: [behind(71), behind(72, { connectedMs: -5000 })] },
        { server: POOLER, pools: [aKept()] },
      ],
    )
    expect(owners(POSTGRES)).toEqual({ 71: kept?.id, 72: null })
  })

  it('lets a pooler name its new sessions before they are taken for a pool of the database', () => {
    const { clock, fleet, take } = chain()
    const origins = () => fleet.snapshot().pools.map(({ origin, mode }) => mode ?? origin)
    take(POSTGRES, [behind(71), behind(72)])
    take(POOLER, [], [aKept()])
    // The pooler is slow to answer: the database is sampled again and again before it tells of 73.
    for (let second = 1; second <= 8; second++) {
      clock.advance(1000)
      take(POSTGRES, [behind(71), behind(72), behind(73, { connectedMs: second * 1000 - 500 })])
      expect(origins()).toEqual(['transaction'])
    }
    take(POOLER, [], [aKept({ upstreamPids: [71, 72, 73] })])
    expect(fleet.sessions(POSTGRES.id)?.sessions.every(({ poolId }) => poolId !== null)).toBe(true)
    // What it does not name once it was asked is not its own.
    take(POOLER, [], [aKept()])
    for (let second = 0; second < 3; second++) {
      clock.advance(1000)
      take(POSTGRES, [behind(71), behind(72), behind(73, { connectedMs: 8500 + second * 1000 })])
    }
    expect(origins().sort()).toEqual(['observed', 'transaction'])
  })

  it('does not wait for a pooler that has been silent for long', () => {
    const { clock, fleet, take } = chain()
    take(POSTGRES, [])
    take(POOLER, [], [aKept({ upstreamPids: [] })])
    for (const second of [31, 32, 33]) {
      clock.advance(second === 31 ? 31_000 : 1000)
      take(POSTGRES, [behind(73, { connectedMs: (second - 30) * 1000 })])
    }
    expect(fleet.snapshot().pools.some(({ origin, mode }) => origin === 'observed' && mode === null)).toBe(
      true,
    )
  })

  it('gives a pool the clients of the pooler that carry the name of its service', () => {
    const clients = [
      behind(1, { application: 'web' }),
      behind(2, { application: 'job' }),
      behind(3, { application: 'web' }),
      behind(4, { application: 'web', user: 'other' }),
    ]
    const { owners, probed } = fleetOf(
      [aPool({ target, inUse: 1, idle: 1 })],
      [{ server: POOLER, sessions: clients }],
    )
    const [web] = probed.map(({ id }) => id)
    expect(owners(POOLER)).toEqual({ 1: web, 2: null, 3: web, 4: null })
  })

  it('gives it the clients with its login where they have one name, at most as many as it has', () => {
    const clients = [1, 2, 3].map((pid) => behind(pid, { application: 'node' }))
    const { owners, probed } = fleetOf(
      [aPool({ target, inUse: 1, idle: 1 })],
      [{ server: POOLER, sessions: clients }],
    )
    const [web] = probed.map(({ id }) => id)
    expect(owners(POOLER)).toEqual({ 1: web, 2: web, 3: null })
  })

  it('guesses at nothing where clients of one login have several names', () => {
    const clients = [behind(1, { application: 'node' }), behind(2, { application: 'psql' })]
    const { owners } = fleetOf([aPool({ target, inUse: 2 })], [{ server: POOLER, sessions: clients }])
    expect(owners(POOLER)).toEqual({ 1: null, 2: null })
  })
})
