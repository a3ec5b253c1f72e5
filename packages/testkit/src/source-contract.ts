import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startBlackhole } from './blackhole.ts'
import { type ContractServer, type HeldState, LITERAL_CANARY, PASSWORD_CANARY } from './contract-server.ts'
import { eventually } from './eventually.ts'
import { startTcpProxy } from './tcp-proxy.ts'
import { type ContractSource, type ContractUpdate, WatchedSource } from './watched-source.ts'

/** The name under which every source connects. */
const OWN_NAME = 'poolscope'
/** Within this time a source says that it cannot sample, and why. */
const NOTICE_MS = 5000

/** Says of a server that answers what is wrong. One that the machine kept from answering is asked again. */
const isRefused = ({ error }: ContractUpdate) => error !== null && error.code !== 'timeout'

/** What is under contract, and what it is held against. */
export type SourceContract = {
  /** Such as `PostgreSQL 18`. */
  name: string
  /** Starts a server that is this suite's own. */
  startServer(): Promise<ContractServer>
  /** Makes a source that is not started yet. */
  createSource(url: string): ContractSource
}

/** Declares the suite that every source passes on a real server of every version that it supports. */
export function sourceContract({ name, startServer, createSource }: SourceContract): void {
  // Suites spend their time waiting: those of several versions run at once, each on a server of its own.
  describe.concurrent('a source', () => {
    describe.sequential(`of ${name}`, () => declare({ startServer, createSource }))
  })
}

function declare({ startServer, createSource }: Omit<SourceContract, 'name'>): void {
  let server: ContractServer
  let watched: WatchedSource[] = []
  let cleanups: (() => Promise<unknown>)[] = []
  const cleanup = <Thing extends { stop(): Promise<unknown> }>(thing: Thing): Thing => {
    cleanups.push(() => thing.stop())
    return thing
  }
  const watch = (url = server.watchUrl()) => {
    const one = new WatchedSource(createSource(url))
    watched.push(one)
    return one
  }

  beforeAll(async () => {
    server = await startServer()
  })
  afterAll(() => server?.stop())
  afterEach(async () => {
    await Promise.all(watched.map(({ source }) => source.stop()))
    for (const clean of cleanups.toReversed()) await clean()
    const said = JSON.stringify(watched.map(({ updates, source }) => [updates, source.id, source.address]))
    watched = []
    cleanups = []
    // Whatever a test was about, no secret got out.
    expect(said).not.toContain(PASSWORD_CANARY)
    expect(said).not.toContain(LITERAL_CANARY)
  })

  it.each([
    { active: 0, idle: 0, idleInTransaction: 0 },
    { active: 3, idle: 0, idleInTransaction: 1 },
    { active: 2, idle: 5, idleInTransaction: 4 },
  ])('counts $active active, $idle idle and $idleInTransaction idle in a transaction', async (wanted) => {
    const hold = (state: HeldState, application: string) =>
      server.hold(server.states.includes(state) ? wanted[state] : 0, state, application).then(cleanup)
    const held = await Promise.all([
      hold('active', 'busy'),
      hold('idle', 'lazy'),
      hold('idleInTransaction', 'open'),
    ])
    const pids = held.flatMap((one) => one.pids)
    const total = pids.length + 1
    // A server may know of a transaction a moment later than of its session, as InnoDB does.
    const { sample } = await watch().until(
      ({ sample: seen }) =>
        seen?.connections.total === total &&
        (!server.states.includes('idleInTransaction') ||
          seen.connections.idleInTransaction === wanted.idleInTransaction),
    )
    // What a kind of server does not know is not known, rather than zero.
    const counts = Object.entries(wanted).map(([state, n]) => [
      state,
      server.states.includes(state as HeldState) ? n : null,
    ])
    expect(sample?.connections).toEqual({ ...Object.fromEntries(counts), other: 1, total })
    expect(sample?.sessions.map((session) => session.pid).sort()).toEqual(pids.toSorted())
    for (const [application, index] of [['busy', 0] as const, ['lazy', 1] as const, ['open', 2] as const]) {
      const shown = sample?.sessions.filter((session) => session.application === application)
      expect(shown?.map((session) => session.pid).sort()).toEqual(held[index]?.pids.toSorted())
    }
  })

  it('follows connections that come and go', async () => {
    const one = watch()
    await one.until(({ sample }) => sample?.connections.total === 1)
    const held = cleanup(await server.hold(4, 'idle', 'lazy'))
    await one.until(({ sample }) => sample?.connections.idle === 4)
    await held.stop()
    await one.until(({ sample }) => sample?.connections.total === 1)
  })

  it('keeps one connection under its own name, left out of the sessions and gone after stop', async () => {
    const one = watch()
    await one.sample()
    const [pid, ...more] = await server.sessionPids(OWN_NAME)
    expect(more).toEqual([])
    for (let i = 0; i < 2; i++) {
      const { sessions } = await one.sample()
      expect(sessions.filter((session) => session.pid === pid || session.application === OWN_NAME)).toEqual(
        [],
      )
    }
    expect(await server.sessionPids(OWN_NAME)).toEqual([pid])
    await one.source.stop()
    const said = one.updates.length
    await eventually(async () => (await server.sessionPids(OWN_NAME)).length === 0)
    expect(one.updates).toHaveLength(said)
  })

  it('goes on sampling when every slot is taken, and says so where it comes too late', async () => {
    const held = watch()
    const { maxConnections } = await held.sample()
    const filler = cleanup(await server.fill())
    const full = filler.pids.length + 1
    expect(maxConnections).toBeGreaterThanOrEqual(full)
    await held.until(({ sample }) => sample?.connections.total === full)
    const late = watch()
    if (server.whenFull === null) await late.sample()
    else {
      const { state, code } = server.whenFull
      const refused = await late.until(isRefused)
      expect(refused).toMatchObject({ state, error: { code }, sample: null })
    }
    // Its attempts cost the one that holds a connection nothing.
    await held.sample()
    expect(held.updates.filter(({ error }) => error !== null)).toEqual([])
    await filler.stop()
    await late.until(({ state }) => state === 'up')
  })

  it('is denied with a wrong password, without repeating it', async () => {
    const one = watch(server.watchUrl({ password: `${PASSWORD_CANARY}-wrong` }))
    const denied = await one.until(isRefused)
    expect(denied).toMatchObject({ state: 'denied', error: { code: 'auth_failed' }, sample: null })
  })

  it('says within five seconds that a server accepts and does not answer, and can be stopped', async () => {
    const blackhole = cleanup(await startBlackhole())
    const one = watch(server.watchUrl(blackhole))
    const silent = await one.until(({ error }) => error !== null, NOTICE_MS)
    expect(silent).toMatchObject({ state: 'unreachable', error: { code: 'timeout' }, sample: null })
    // No attempt is left open behind the one that goes on.
    expect(blackhole.connections).toBeLessThanOrEqual(1)
    await one.source.stop()
    await eventually(() => blackhole.connections === 0)
  })

  it('says within five seconds that a connection went silent, and comes back on another one', async () => {
    const proxy = cleanup(await startTcpProxy(server))
    const one = watch(server.watchUrl(proxy))
    await one.sample()
    const silent = one.until(({ state }) => state !== 'up', NOTICE_MS)
    proxy.pause()
    expect(await silent).toMatchObject({ state: 'unreachable', error: { code: 'timeout' }, sample: null })
    const back = one.until(({ state }) => state === 'up')
    proxy.resume()
    await back
    await eventually(async () => (await server.sessionPids(OWN_NAME)).length === 1)
  })

  it('stops in the middle of a silence, which goes on', async () => {
    const proxy = cleanup(await startTcpProxy(server))
    const one = watch(server.watchUrl(proxy))
    await one.sample()
    proxy.pause()
    await one.source.stop()
  })

  it('comes back by itself from a broken connection', async () => {
    const proxy = cleanup(await startTcpProxy(server))
    const one = watch(server.watchUrl(proxy))
    await one.sample()
    const lost = one.until(({ error }) => error?.code === 'connection_lost', NOTICE_MS)
    proxy.cut()
    expect(await lost).toMatchObject({ state: 'unreachable', sample: null })
    await one.sample()
  })

  it('says within five seconds that its server stopped, and comes back by itself', async () => {
    cleanup(await server.hold(2, 'active', 'busy'))
    const one = watch()
    await one.until(({ sample }) => sample?.connections.active === 2)
    const lost = one.until(({ state }) => state === 'unreachable', NOTICE_MS)
    await server.stopServer()
    expect((await lost).sample).toBeNull()
    const refused = one.until(({ error }) => error?.code === 'connection_refused')
    expect((await refused).state).toBe('unreachable')
    // Whoever starts it asks over a connection of its own whether it serves.
    const back = one.until(({ sample }) => sample?.connections.total === 1)
    await server.startServer()
    expect((await back).state).toBe('up')
  })
}
