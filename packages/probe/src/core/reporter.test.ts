import { hostname } from 'node:os'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { FakeAgent, until } from '../../test/agent.ts'
import { type Destination, destinationOf } from './identity.ts'
import { PoolMeter } from './meter.ts'
import type { PoolAdapter } from './pool-adapter.ts'
import { Reporter } from './reporter.ts'
import type { Slot } from './slot.ts'

const target = { host: 'db', port: 5432, database: 'shop', user: 'shop' }
const view = { max: 20, min: 0, acquireTimeoutMs: null, idleTimeoutMs: null, idle: 0, target }
const adapter: PoolAdapter = { system: 'postgresql', view: () => view, sessionPid: () => 4711 }

let agent: FakeAgent
beforeEach(async () => {
  agent = await FakeAgent.start()
})
afterEach(async () => {
  vi.useRealTimers()
  expect(agent.invalid).toEqual([])
  await agent.stop()
})

function destination(extra: { url?: string; token?: string } = {}): Destination {
  const found = destinationOf({ url: agent.url, service: 'shop', instance: 'a:1', ...extra }, {})
  if (found === null) throw new Error('no destination')
  return found
}

function pool(name = 'orders'): { meter: PoolMeter; slot: Slot; use(times: number): void } {
  const meter = new PoolMeter(name, adapter, 0)
  const slot = meter.adopt({}, false)
  const use = (times: number) => {
    for (let i = 0; i < times; i++) {
      meter.served(meter.asked(null), slot)
      meter.returned(slot)
    }
  }
  return { meter, slot, use }
}

/** From now on only who flushes sends: a machine may stand still for as long as there is between two reports. */
function stopTimers(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
}

/** Checkouts over all reports, by their counter and by their histogram. */
function delivered(): [number, number] {
  const windows = agent.all('orders').map((report) => report.window)
  const counter = windows.reduce((total, window) => total + window.checkouts, 0)
  const histogram = windows.reduce(
    (total, { wait }) => total + wait.buckets.reduce((sum, value, i) => sum + (i % 2 === 1 ? value : 0), 0),
    0,
  )
  return [counter, histogram]
}

describe(Reporter, () => {
  it('reports by itself about once a second, over one connection, in rising sequence', async () => {
    const reporter = new Reporter(destination())
    const { meter, use } = pool()
    reporter.add(meter)
    use(3)
    await until(() => agent.received.length >= 3)
    const reports = agent.received.map(({ report }) => report)
    const first = reports[0]?.sequence ?? Number.NaN
    expect(reports.map((report) => report.sequence)).toEqual(reports.map((_, i) => first + i))
    expect(reports[1]?.windowMs).toBeGreaterThan(900)
    expect(agent.connections).toBe(1)
    expect(delivered()).toEqual([3, 3])
    reporter.end(meter)
    await reporter.flush()
  })

  it('sends all pools of the process in one request', async () => {
    stopTimers()
    const reporter = new Reporter(destination())
    for (const name of ['orders', 'users', 'orders']) reporter.add(pool(name).meter)
    await reporter.flush()
    expect(agent.received.map(({ report }) => report.pools.map((each) => each.name))).toEqual([
      ['orders', 'users', 'orders#2'],
    ])
  })

  it('shows its token, and none when it has none', async () => {
    stopTimers()
    for (const extra of [{ token: 'open-sesame' }, {}]) {
      const reporter = new Reporter(destination(extra))
      reporter.add(pool().meter)
      await reporter.flush()
    }
    expect(agent.received.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer open-sesame',
      undefined,
    ])
  })

  it.each([500, 503, 429, 401, 403])(
    'sends what was answered with %d again, and then what happened meanwhile',
    async (status) => {
      stopTimers()
      const reporter = new Reporter(destination())
      const { meter, use } = pool()
      reporter.add(meter)
      agent.answer = (response) => response.writeHead(status).end()
      use(5)
      await reporter.flush()
      use(7)
      await reporter.flush()
      agent.answer = null
      use(1)
      await reporter.flush()
      use(2)
      await reporter.flush()
      expect(agent.requests).toBe(5)
      expect(agent.all('orders').map((report) => report.window.checkouts)).toEqual([5, 8, 2])
      expect(delivered()).toEqual([15, 15])
      expect(agent.received.at(-1)?.report.droppedTotal).toBe(0)
    },
  )

  it('tells an agent that was away what it missed', async () => {
    stopTimers()
    const reporter = new Reporter(destination())
    const { meter, use } = pool()
    const { port } = agent
    reporter.add(meter)
    await agent.stop()
    use(5)
    await reporter.flush()
    agent = await FakeAgent.start(port)
    use(7)
    await reporter.flush()
    expect(delivered()).toEqual([12, 12])
  })

  it('sends a report whose answer was lost again as it was, so that it can be told from another', async () => {
    stopTimers()
    const reporter = new Reporter(destination())
    const { meter, use } = pool()
    reporter.add(meter)
    agent.lostAnswers = 2
    use(5)
    await reporter.flush()
    use(7)
    await reporter.flush()
    await reporter.flush()
    const [first, second, third, fourth] = agent.received.map(({ report }) => report)
    expect(second).toEqual(first)
    expect(third).toEqual(first)
    expect(fourth?.sequence).toBe((first?.sequence ?? 0) + 1)
    expect(agent.all('orders').map((report) => report.window.checkouts)).toEqual([5, 7])
    expect(agent.received).toHaveLength(4)
  })

  it('gives up what was refused as wrong, and says so', async () => {
    stopTimers()
    const reporter = new Reporter(destination())
    const { meter, use } = pool()
    reporter.add(meter)
    agent.answer = (response) => response.writeHead(400).end()
    use(5)
    await reporter.flush()
    agent.answer = null
    use(1)
    await reporter.flush()
    expect(delivered()).toEqual([1, 1])
    expect(agent.received.at(-1)?.report.droppedTotal).toBe(1)
  })

  it('gives up on an agent that does not answer, and asks it once at a time', async () => {
    const reporter = new Reporter(destination())
    reporter.add(pool().meter)
    agent.answer = () => {}
    const start = performance.now()
    await Promise.all([reporter.flush(), reporter.flush()])
    expect(performance.now() - start).toBeGreaterThan(1900)
    expect(agent.requests).toBeLessThanOrEqual(2)
  })

  it('compresses a large body on its way to another machine', async () => {
    // 0.0.0.0 leads to this machine, but is not known as it.
    const reporter = new Reporter(destination({ url: `http://0.0.0.0:${agent.port}` }))
    for (let i = 0; i < 50; i++) reporter.add(pool(`pool ${i}`).meter)
    await reporter.flush()
    const [received] = agent.received
    expect(received?.headers['content-encoding']).toBe('gzip')
    expect(received?.report.pools.length).toBe(50)
    expect(received?.bytes).toBeLessThan(JSON.stringify(received?.report).length / 3)
  })

  it('reports at most 200 pools and counts the others as dropped', async () => {
    stopTimers()
    const reporter = new Reporter(destination())
    for (let i = 0; i < 203; i++) reporter.add(pool(`pool ${i}`).meter)
    await reporter.flush()
    await reporter.flush()
    expect(agent.received[0]?.report.pools.length).toBe(200)
    expect(agent.received[1]?.report.droppedTotal).toBe(3)
  })

  it.each([
    ['is gone', () => null],
    [
      'cannot be read',
      () => {
        throw new Error('no')
      },
    ],
  ])('forgets a pool whose object %s, and reports the others', async (_how, broken) => {
    const reporter = new Reporter(destination())
    reporter.add(new PoolMeter('broken', { ...adapter, view: broken }, 0))
    reporter.add(pool().meter)
    await reporter.flush()
    expect(agent.received[0]?.report.pools.map((each) => each.name)).toEqual(['orders'])
  })

  it('gives each process its own name by default', () => {
    expect(destinationOf({}, {})?.instance).toContain(`${hostname()}:${process.pid}`)
  })
})
