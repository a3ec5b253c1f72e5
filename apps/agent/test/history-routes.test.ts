import type { Annotation, History } from '@poolscope/protocol'
import { eventually, tempDir } from '@poolscope/testkit'
import { afterEach, describe, expect, it } from 'vitest'
import { DEFAULT_BUDGET_BYTES, DEFAULT_TIERS } from '../src/history/tiers.ts'
import { WorkerStore } from '../src/history/worker-store.ts'
import { aPool, aReport, testAgent } from './support.ts'

const undo: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const one of undo.splice(0).toReversed()) await one()
})

const T0 = 1_700_000_000_000

async function agentWithStore(dir?: string) {
  const own = dir === undefined ? await tempDir() : null
  if (own !== null) undo.push(() => own.stop())
  const path = dir ?? (own?.path as string)
  const store = await WorkerStore.open({
    dir: path,
    tiers: DEFAULT_TIERS,
    budgetBytes: DEFAULT_BUDGET_BYTES,
    now: () => T0,
    onChange: () => {},
  })
  const made = await testAgent({}, { store })
  let isOpen = true
  const stop = async () => {
    if (!isOpen) return
    isOpen = false
    await made.app.close()
    await store.close()
  }
  undo.push(stop)
  const get = (url: string, headers: Record<string, string> = {}) =>
    made.app.inject({ url: `/api/v1/${url}`, headers })
  /** Seconds of ticks, each with a report of the value. */
  const live = async (seconds: number, inUse: (i: number) => number) => {
    for (let i = 0; i < seconds; i++) {
      made.fleet.takeReport(aReport([aPool({ inUse: inUse(i) })]))
      made.tick()
      // No more than the thread may be behind.
      if (i % 50 === 0) await eventually(() => made.history.status().storedTicksTotal >= i)
    }
    await eventually(() => {
      const { storedTicksTotal, lostTicksTotal } = made.history.status()
      return lostTicksTotal === 0 && storedTicksTotal >= seconds
    })
  }
  const ids = () => {
    const [pool] = made.fleet.snapshot().pools
    return { pool: pool?.id as string, group: pool?.groupId as string }
  }
  return { ...made, path, stop, get, live, ids }
}

describe('GET history', () => {
  it('joins the store and the fleet’s last minutes without a seam, and knows pools that are gone', async () => {
    const { get, live, ids, fleet, tick, clock } = await agentWithStore()
    await live(400, (i) => i)
    const { pool, group } = ids()
    const [fromMs, toMs] = [T0 + 1000, clock.atMs]
    for (const path of [`pools/${pool}`, `groups/${group}`]) {
      const answer: History = (await get(`${path}/history?fromMs=${fromMs}&toMs=${toMs}&points=2000`)).json()
      expect(answer).toMatchObject({ fromMs, toMs, stepMs: 1000 })
      expect(answer.columns.inUse).toEqual(Array.from({ length: 400 }, (_, i) => i))
      expect(answer.atMs).toEqual(Array.from({ length: 400 }, (_, i) => fromMs + i * 1000))
    }
    const all = (await get(`fleet/history?column=inUse&fromMs=${fromMs}&toMs=${toMs}&points=5`)).json()
    // 400 s are four steps of 120 s, or five rows where the first begins before the range.
    expect(all.stepMs).toBe(120_000)
    expect(all.groups[group].at(-1)).toBe(399)
    fleet.takeReport(aReport([aPool({ ended: true })]))
    tick()
    expect((await get(`pools/${pool}`)).statusCode).toBe(404)
    const gone: History = (await get(`pools/${pool}/history?fromMs=${fromMs}&toMs=${toMs}`)).json()
    expect(gone.columns.inUse?.some((value) => value === 399)).toBe(true)
  })

  it('answers after a restart what was kept before', async () => {
    const first = await agentWithStore()
    await first.live(60, () => 7)
    const { pool } = first.ids()
    await first.stop()
    const second = await agentWithStore(first.path)
    second.clock.atMs = first.clock.atMs + 60_000
    const url = `pools/${pool}/history?fromMs=${T0 + 1000}&toMs=${first.clock.atMs}`
    expect((await second.get(url)).json().columns.inUse).toEqual(Array(60).fill(7))
  })

  it('tags what is past, so that a browser need not read it twice', async () => {
    const { get, live, ids, clock } = await agentWithStore()
    await live(60, () => 1)
    const url = `pools/${ids().pool}/history?fromMs=${T0}&toMs=${T0 + 30_000}`
    const { headers, statusCode } = await get(url)
    expect([statusCode, headers['cache-control']]).toEqual([200, 'private, max-age=60'])
    const again = await get(url, { 'if-none-match': headers.etag as string })
    expect([again.statusCode, again.body]).toEqual([304, ''])
    const now = await get(`pools/${ids().pool}/history?fromMs=${T0}&toMs=${clock.atMs}`)
    expect(now.headers['cache-control']).toBe('no-cache')
  })

  it('refuses a range that ends before it begins', async () => {
    const { get } = await agentWithStore()
    for (const url of ['pools/x/history', 'fleet/history', 'annotations']) {
      const answer = await get(`${url}?fromMs=2&toMs=1`)
      expect([answer.statusCode, answer.json().code], url).toEqual([400, 'invalid_request'])
    }
    expect((await get('pools/x/history?aggregate=sum')).statusCode).toBe(400)
  })

  it('says how the store stands, also as metrics', async () => {
    const { app, get, live } = await agentWithStore()
    await live(20, () => 1)
    const status = (await get('history/store')).json()
    expect(status).toMatchObject({ state: 'ok', message: null, lostTicksTotal: 0, series: 2 })
    expect(status.bytes).toBeGreaterThan(4096)
    expect(status.tiers.map(({ stepMs }: { stepMs: number }) => stepMs)).toEqual([
      1000, 10_000, 60_000, 300_000,
    ])
    const metrics = (await app.inject('/metrics')).body
    expect(metrics).toContain('poolscope_history_up 1\n')
    expect(metrics).toContain('poolscope_history_lost_ticks_total 0\n')
  })
})

describe('annotations', () => {
  it('keeps deploys, and answers those that concern a subject', async () => {
    const { app, get, clock, stop, path } = await agentWithStore()
    const post = (payload: object, headers = {}) =>
      app.inject({ method: 'POST', url: '/api/v1/annotations', payload, headers })
    const added = await post({ text: 'checkout 1.4', service: 'checkout', tags: ['v1.4'] })
    expect(added.statusCode).toBe(201)
    expect(added.json()).toMatchObject({
      kind: 'deploy',
      atMs: clock.atMs,
      service: 'checkout',
      tags: ['v1.4'],
    })
    await post({ text: 'router', atMs: clock.atMs - 60_000 })
    const texts = async (query: string) =>
      (await get(`annotations?${query}`)).json().annotations.map(({ text }: Annotation) => text)
    expect(await texts('')).toEqual(['router', 'checkout 1.4'])
    expect(await texts('service=billing')).toEqual(['router'])
    expect(await texts('service=checkout')).toEqual(['router', 'checkout 1.4'])
    expect(await texts(`fromMs=${clock.atMs}`)).toEqual(['checkout 1.4'])
    const origin = { origin: 'https://evil.example' }
    expect((await post({ text: 'x' }, origin)).json().code).toBe('forbidden_origin')
    for (const body of [{}, { text: '' }, { text: 'x', more: 1 }, { text: 'x', atMs: clock.atMs * 2 }]) {
      expect((await post(body)).json().code).toBe('invalid_request')
    }
    await stop()
    const again = await agentWithStore(path)
    expect((await again.get('annotations')).json().annotations).toHaveLength(2)
  })

  it('notices a restart and a changed limit', async () => {
    const { get, fleet, tick } = await agentWithStore()
    fleet.takeReport(aReport([aPool({ max: 10 })]))
    tick()
    fleet.takeReport(aReport([aPool({ max: 20 })], { startedAtMs: 1_699_999_900_000 }))
    tick()
    const kinds = async () =>
      (await get('annotations')).json().annotations.map(({ kind }: Annotation) => kind)
    expect((await kinds()).toSorted()).toEqual(['config_change', 'probe_restart'])
  })

  it('says so where nothing can be kept', async () => {
    const made = await testAgent()
    undo.push(() => made.app.close())
    const url = '/api/v1/annotations'
    const answer = await made.app.inject({ method: 'POST', url, payload: { text: 'x' } })
    expect([answer.statusCode, answer.json().code]).toEqual([503, 'history_unavailable'])
    expect((await made.app.inject(url)).json()).toEqual({ annotations: [] })
  })
})
