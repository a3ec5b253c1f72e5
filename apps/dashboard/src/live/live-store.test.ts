import { type History, POOL_COLUMNS } from '@poolscope/protocol'
import { describe, expect, it, vi } from 'vitest'
import { ApiError } from '../api/api-error.ts'
import { FakeEnvironment } from './fake-environment.ts'
import { catalogueOf, fleetOf, groupMessageOf, helloOf, tickOf } from './fake-messages.ts'
import { LiveStore } from './live-store.ts'
import { liveSparkQuery } from './spark-table.ts'

function start() {
  const env = new FakeEnvironment()
  const store = new LiveStore(env)
  store.start()
  return { env, store }
}

/** A store that is live with groups `a` and `b`. */
function startLive() {
  const started = start()
  const { env } = started
  env.socket.say(helloOf(env.nowMs, { a: 1, b: 2 }))
  env.socket.say(catalogueOf(1, ['a', 'b']))
  return started
}

function tick(env: FakeEnvironment, inUse: readonly (number | null)[], epoch = 1) {
  env.pass(1000)
  env.socket.say(tickOf(epoch, env.nowMs, inUse))
}

/** The last values of `inUse`, oldest first. */
function past(store: LiveStore, id: string, count: number): number[] {
  const into = new Float32Array(count)
  const { tick: newest } = store.newestTick
  store.readSeries({ kind: 'group', id }, 'inUse', newest - count + 1, newest, into)
  return [...into]
}

/** Where the last 300 ticks are asked for, each as a row of its own. */
const lastTicksOf = (path: string, nowMs: number) =>
  `/api/v1/${path}/history?fromMs=${nowMs - 299_000}&toMs=${nowMs}&points=300`

const settled = () => new Promise((resolve) => setTimeout(resolve, 0))

describe('LiveStore', () => {
  it('shows the REST answer before the socket has said anything', async () => {
    const env = new FakeEnvironment()
    env.answers.set('/api/v1/fleet?pools=false', () => fleetOf(env.nowMs, { a: 7 }))
    const store = new LiveStore(env)
    store.start()
    expect(store.view.ready).toBe(false)
    await settled()
    env.frame()
    expect(store.view.ready).toBe(true)
    expect(store.view.value(store.view.indexOf('a'), 'inUse')).toBe(7)
    expect(store.view.group(0)).toMatchObject({ status: 'ok', reason: null })
  })
  it('subscribes to the groups after the hello, and to details while they are watched', () => {
    const { env, store } = startLive()
    const stop = store.watchTopic('group:a')
    const stopAgain = store.watchTopic('group:a')
    stop()
    stopAgain()
    expect(env.socket.sent).toEqual([
      { type: 'subscribe', topics: ['groups'] },
      { type: 'subscribe', topics: ['groups', 'group:a'] },
      { type: 'subscribe', topics: ['groups'] },
    ])
  })
  it('notifies once a frame, however much arrived', () => {
    const { env, store } = startLive()
    env.frame()
    const seen = vi.fn()
    store.subscribe(seen)
    tick(env, [3, 4])
    tick(env, [5, 6])
    expect(seen).not.toHaveBeenCalled()
    env.frame()
    expect(seen).toHaveBeenCalledTimes(1)
    expect(store.view.value(0, 'inUse')).toBe(5)
    expect(past(store, 'a', 3)).toEqual([1, 3, 5])
  })
  it('goes on when a drawing fails: the others draw, the page renders, and so at the next tick', () => {
    const report = vi.fn()
    vi.stubGlobal('reportError', report)
    const { env, store } = startLive()
    env.frame()
    const [drawn, rendered] = [vi.fn(), vi.fn()]
    store.onDraw(() => {
      throw new Error('a drawing that fails')
    })
    store.onDraw(drawn)
    store.subscribe(rendered)
    for (const inUse of [3, 4]) {
      tick(env, [inUse, 0])
      env.frame()
    }
    vi.unstubAllGlobals()
    expect(drawn).toHaveBeenCalledTimes(2)
    expect(rendered).toHaveBeenCalledTimes(2)
    expect(report).toHaveBeenCalledTimes(2)
    expect(store.view.value(0, 'inUse')).toBe(4)
  })
  it('asks for no frame in a hidden tab, and draws once on return', () => {
    const { env, store } = startLive()
    env.frame()
    const drawn = vi.fn()
    store.onDraw(drawn)
    env.show(false)
    for (let i = 0; i < 5; i++) tick(env, [i, i])
    expect(env.frame()).toBe(0)
    env.show(true)
    expect(env.frame()).toBe(1)
    expect(drawn).toHaveBeenCalledTimes(1)
    expect(past(store, 'a', 5)).toEqual([0, 1, 2, 3, 4])
  })
  it('keeps the picture while paused, says how far behind it is, and goes on taking data in', () => {
    const { env, store } = startLive()
    env.frame()
    const seen = vi.fn()
    store.subscribe(seen)
    store.pause()
    tick(env, [8, 8])
    tick(env, [9, 9])
    env.frame()
    expect(seen).not.toHaveBeenCalled()
    expect(store.view.value(0, 'inUse')).toBe(1)
    expect(store.behindMs).toBe(2000)
    store.resume()
    env.frame()
    expect(store.view.value(0, 'inUse')).toBe(9)
    expect(store.behindMs).toBe(0)
  })
  it('shows the first message of a topic that is opened while paused', () => {
    const { env, store } = startLive()
    env.frame()
    store.pause()
    store.watchTopic('group:a')
    const seen = vi.fn()
    store.subscribe(seen)
    env.socket.say({ type: 'group', id: 'a', sequence: 1, atMs: 1, group: null, pools: [], holders: null })
    env.frame()
    expect(seen).toHaveBeenCalledTimes(1)
    expect(store.detail('group:a')).toMatchObject({ sequence: 1 })
  })
  it('keeps rings by id as pools come and go', () => {
    const { env, store } = startLive()
    tick(env, [3, 4])
    env.socket.say(catalogueOf(2, ['b', 'c']))
    tick(env, [5, 6], 2)
    env.socket.say(catalogueOf(3, ['a', 'b', 'c']))
    tick(env, [7, 8, 9], 3)
    env.frame()
    expect(store.view.groups.map((group) => group.id)).toEqual(['a', 'b', 'c'])
    expect(past(store, 'a', 4)).toEqual([1, 3, Number.NaN, 7])
    expect(past(store, 'b', 4)).toEqual([2, 4, 5, 8])
    expect(past(store, 'c', 4)).toEqual([Number.NaN, Number.NaN, 6, 9])
  })
  it('passes over a tick of names that it does not have', () => {
    const { env, store } = startLive()
    tick(env, [5, 6], 7)
    env.frame()
    expect(store.view.value(0, 'inUse')).toBe(1)
  })
  it('keeps the last data over a lost connection, leaves a gap, and fills it from history', async () => {
    const { env, store } = startLive()
    tick(env, [3, 4])
    const onHistory = vi.fn()
    store.past.openSeries({ kind: 'group', id: 'a' }, onHistory)
    const lostAtMs = env.nowMs
    env.socket.cut()
    env.frame()
    expect(store.connection.phase).toBe('reconnecting')
    expect(store.view.value(0, 'inUse')).toBe(3)
    env.pass(4000)
    const columns = Object.fromEntries(POOL_COLUMNS.map((name) => [name, [0, 0, 0, 0, 0]]))
    const history: History = {
      fromMs: lostAtMs,
      toMs: env.nowMs,
      stepMs: 1000,
      atMs: [0, 1, 2, 3, 4].map((step) => lostAtMs + step * 1000),
      columns: { ...columns, inUse: [3, 10, 11, null, 13] },
    }
    env.answers.set(lastTicksOf('groups/a', env.nowMs), () => history)
    env.socket.say(helloOf(env.nowMs, { a: 12, b: 2 }))
    expect(past(store, 'a', 5)).toEqual([3, Number.NaN, Number.NaN, Number.NaN, 12])
    await settled()
    // Each moment of history falls into its own tick: nothing is doubled, and unknown stays unknown.
    expect(past(store, 'a', 6)).toEqual([1, 3, 10, 11, Number.NaN, 13])
    expect(onHistory).toHaveBeenCalled()
  })
  it('retries at once when the machine is online again or the tab comes into view', () => {
    const { env } = startLive()
    env.socket.cut()
    env.goOnline()
    expect(env.sockets).toHaveLength(2)
    env.socket.cut()
    env.show(true)
    expect(env.sockets).toHaveLength(3)
  })
  it('is denied when the agent asks for a sign-in, and connects after it', async () => {
    const { env, store } = start()
    env.answers.set('/api/v1/fleet/history?points=1', () => {
      throw new ApiError('unauthorized', 'Sign in first.', 401)
    })
    env.socket.cut()
    await settled()
    expect(store.connection.phase).toBe('denied')
    store.retryNow()
    env.socket.say(helloOf(env.nowMs, { a: 1 }))
    expect(store.connection.phase).toBe('live')
  })
  it('starts anew when the clock of the agent goes back', () => {
    const { env, store } = startLive()
    tick(env, [3, 4])
    env.socket.say(tickOf(1, env.nowMs - 3_600_000, [5, 6]))
    expect(past(store, 'a', 3)).toEqual([Number.NaN, Number.NaN, 5])
  })
  it('gathers sparklines from history and ticks', async () => {
    const { env, store } = startLive()
    env.answers.set(`/api/v1/fleet/history?column=inUse&${liveSparkQuery(env.nowMs)}`, () => ({
      fromMs: 0,
      toMs: env.nowMs,
      stepMs: 5000,
      atMs: [env.nowMs - 10_000, env.nowMs - 5000],
      column: 'inUse',
      groups: { a: [4, 6] },
    }))
    const points = new Float32Array(60)
    store.past.readSpark('a', 'inUse', points)
    await settled()
    tick(env, [9, 9])
    expect(store.past.readSpark('a', 'inUse', points)).toBe(true)
    expect([...points.slice(-3)]).toEqual([4, 6, 9])
  })
  it('shows the sparklines of another time, and live ticks only where it goes on', async () => {
    const { env, store } = startLive()
    const points = new Float32Array(60)
    store.past.readSpark('a', 'inUse', points)
    const toMs = env.nowMs - 100_000
    // 60 points of 10 s.
    env.answers.set(
      `/api/v1/fleet/history?column=inUse&points=180&fromMs=${toMs - 600_000}&toMs=${toMs}`,
      () => ({
        fromMs: 0,
        toMs,
        stepMs: 5000,
        atMs: [toMs - 599_000, toMs - 4000, toMs - 1000],
        column: 'inUse',
        groups: { a: [3, 4, 6] },
      }),
    )
    store.past.showSparks({ kind: 'fixed', fromMs: toMs - 600_000, toMs })
    await settled()
    tick(env, [9, 9])
    expect(store.past.readSpark('a', 'inUse', points)).toBe(true)
    expect([points[0], points[58], points[59]]).toEqual([3, Number.NaN, 6])
    store.past.showSparks({ kind: 'live', spanMs: 600_000 })
    tick(env, [9, 9])
    store.past.readSpark('a', 'inUse', points)
    expect(points[59]).toBe(9)
  })
  it("keeps the ticks of one pool of a group from the group's own messages", async () => {
    const { env, store } = startLive()
    const stopTopic = store.watchTopic('group:a')
    const source = { kind: 'pool' as const, id: 'a.one' }
    env.answers.set(lastTicksOf('pools/a.one', env.nowMs), () => ({
      fromMs: 0,
      toMs: env.nowMs,
      stepMs: 1000,
      atMs: [env.nowMs - 1000],
      columns: { inUse: [3] },
    }))
    const close = store.past.openSeries(source, () => undefined)
    await settled()
    const say = (inUse: number, stale = false) => {
      tick(env, [1, 2])
      env.socket.say(groupMessageOf('a', env.nowMs, { 'a.one': { inUse, stale }, 'a.two': { inUse: 50 } }))
    }
    say(4)
    say(5, true)
    tick(env, [1, 2])
    const read = (id: string) => {
      const into = new Float32Array(5)
      const { tick: newest } = store.newestTick
      store.readSeries({ kind: 'pool', id }, 'inUse', newest - 4, newest, into)
      return [...into]
    }
    // History, the tick of the hello without a word of the pool, one report, one that is stale, one that is missing.
    expect(read('a.one')).toEqual([3, Number.NaN, 4, Number.NaN, Number.NaN])
    expect(read('a.two')).toEqual(new Array(5).fill(Number.NaN))
    close()
    stopTopic()
  })
})
