import { QueryClientProvider } from '@tanstack/react-query'
import { act, cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/react'
import { Line, LineChart, XAxis, YAxis } from 'recharts'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createQueryClient } from '../api/query-client.ts'
import { FakeEnvironment } from '../live/fake-environment.ts'
import { catalogueOf, helloOf, tickOf } from '../live/fake-messages.ts'
import { LiveContext } from '../live/hooks.ts'
import { LiveStore } from '../live/live-store.ts'
import { MARGIN } from './chart-geometry.ts'
import { type ChartSeries, LiveChart } from './LiveChart.tsx'

const SERIES: readonly ChartSeries[] = [{ key: 'used', label: 'in use', column: 'inUse', color: 'red' }]
const LIMITS = [{ label: 'max', value: 50 }]
const SOURCE = { kind: 'group' as const, id: 'a' }
const WIDTH = 500
const HEIGHT = 180

/** What the agent answers, by a part of the path; all else is not there. */
const answers = new Map<string, () => unknown>()
const asked: string[] = []

beforeEach(() => {
  history.replaceState(null, '', '/pools/a')
  answers.clear()
  asked.length = 0
  vi.stubGlobal('fetch', async (path: string) => {
    asked.push(path)
    const answer = [...answers].find(([part]) => path.includes(part))?.[1]
    return answer === undefined
      ? Response.json({ code: 'not_found', message: 'Not here.' }, { status: 404 })
      : Response.json(answer())
  })
  vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(WIDTH)
})
afterEach(() => {
  cleanup()
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

function live(values: readonly number[]) {
  const env = new FakeEnvironment()
  const store = new LiveStore(env)
  store.start()
  env.socket.say(helloOf(env.nowMs, { a: 0 }))
  env.socket.say(catalogueOf(1, ['a']))
  const tick = (value: number) => {
    env.pass(1000)
    env.socket.say(tickOf(1, env.nowMs, [value]))
  }
  for (const value of values) tick(value)
  env.frame()
  return { env, store, tick }
}

async function show(store: LiveStore, source = SOURCE) {
  const view = render(
    <QueryClientProvider client={createQueryClient(() => undefined)}>
      <LiveContext value={store}>
        <LiveChart
          title="Connections"
          unit="count"
          series={SERIES}
          limits={LIMITS}
          source={source}
          emptyText="No report"
          height={HEIGHT}
        />
      </LiveContext>
    </QueryClientProvider>,
  )
  await screen.findByRole('figure', { name: 'Connections' })
  return view
}

const pathOf = (container: HTMLElement) => container.querySelector('path[data-series="used"]')

describe('LiveChart', () => {
  it('draws where Recharts draws the same value', async () => {
    const { store } = live([0, 10, 37, 50])
    const { container } = await show(store)
    await waitFor(() => expect(pathOf(container)?.getAttribute('d')).toBeTruthy())
    const ours = [...(pathOf(container)?.getAttribute('d') ?? '').matchAll(/[\d.]+ ([\d.]+) /g)]
      .map((match) => Number(match[1]))
      .slice(-4)
    const plain = render(
      <LineChart
        data={[0, 10, 37, 50].map((y, x) => ({ x, y }))}
        width={WIDTH}
        height={HEIGHT}
        margin={MARGIN}
      >
        <XAxis dataKey="x" type="number" height={22} />
        <YAxis width={56} domain={[0, 60]} />
        <Line dataKey="y" type="linear" isAnimationActive={false} dot={false} />
      </LineChart>,
    )
    const theirs = [
      ...(plain.container.querySelector('.recharts-line-curve')?.getAttribute('d') ?? '').matchAll(
        /,([\d.]+)/g,
      ),
    ].map((match) => Number(match[1]))
    expect(theirs).toHaveLength(4)
    for (const [index, y] of theirs.entries()) expect(Math.abs((ours[index] as number) - y)).toBeLessThan(0.5)
  })
  it('follows the ticks without rendering, and names the newest value', async () => {
    const { env, store, tick } = live([5, 6])
    const { container } = await show(store)
    await waitFor(() => expect(pathOf(container)?.getAttribute('d')).toBeTruthy())
    const before = pathOf(container)?.getAttribute('d')
    act(() => {
      tick(9)
      env.frame()
    })
    expect(pathOf(container)?.getAttribute('d')).not.toBe(before)
    expect(within(screen.getByRole('list')).getByText('9')).toBeTruthy()
  })
  it('stands still while the page is paused', async () => {
    const { env, store, tick } = live([5, 6])
    const { container } = await show(store)
    await waitFor(() => expect(pathOf(container)?.getAttribute('d')).toBeTruthy())
    const before = pathOf(container)?.getAttribute('d')
    act(() => {
      store.pause()
      tick(9)
      env.frame()
    })
    expect(pathOf(container)?.getAttribute('d')).toBe(before)
  })
  it('says so while nothing is known', async () => {
    const { store } = live([5])
    await show(store, { kind: 'group', id: 'nobody' })
    expect(screen.getByText('No report in the last 5 min.')).toBeTruthy()
  })
  it('reads values by the arrow keys in one tab stop', async () => {
    const { store } = live([5, 6, 7])
    await show(store)
    const reader = screen.getByRole('slider', { name: 'Connections: moment to read' })
    expect(reader.tabIndex).toBe(0)
    fireEvent.keyDown(reader, { key: 'ArrowLeft' })
    expect(reader.getAttribute('aria-valuetext')).toContain('in use 7')
    fireEvent.keyDown(reader, { key: 'ArrowLeft' })
    expect(reader.getAttribute('aria-valuetext')).toContain('in use 6')
    fireEvent.keyDown(reader, { key: 'End' })
    expect(reader.getAttribute('aria-valuetext')).toContain('in use 7')
  })
  it('shows the same data as a table, newest first', async () => {
    const { store } = live([5, 6, 7])
    await show(store)
    fireEvent.click(screen.getByRole('button', { name: 'Table', pressed: false }))
    const rows = within(screen.getByRole('table')).getAllByRole('row').slice(1)
    expect(rows.map((row) => within(row).getByRole('cell').textContent)).toEqual(['7', '6', '5', '0'])
  })
  it('describes itself in a sentence', async () => {
    const { store } = live(new Array(60).fill(5))
    await show(store)
    expect(await screen.findByText('in use 5, steady. max 50.')).toBeTruthy()
  })
  it('asks for the past of a longer time, and says what a sample stands for', async () => {
    const { env, store } = live([5, 6, 7])
    history.replaceState(null, '', '/pools/a?from=-1h')
    const rows = (value: number) => ({
      fromMs: 0,
      toMs: env.nowMs,
      stepMs: 10_000,
      atMs: [env.nowMs - 60_000, env.nowMs - 50_000, env.nowMs],
      columns: { inUse: [value, value, value], stale: [0, 0, 0] },
    })
    answers.set('aggregate=avg', () => rows(4))
    answers.set('aggregate=max', () => rows(9))
    const { container } = await show(store)
    expect(await screen.findByText('4, max 9')).toBeTruthy()
    expect(screen.getByText(/^mean and max per 10/)).toBeTruthy()
    await waitFor(() => expect(container.querySelectorAll('path[d$="Z"]').length).toBeGreaterThan(0))
    expect(asked.filter((path) => path.includes('/history'))).toEqual([
      `/api/v1/groups/a/history?fromMs=${env.nowMs - 3_600_000}&toMs=${env.nowMs}&points=600&aggregate=avg`,
      `/api/v1/groups/a/history?fromMs=${env.nowMs - 3_600_000}&toMs=${env.nowMs}&points=600&aggregate=max`,
    ])
  })
  it('keeps what is live when the past does not come, says so, and asks again when told', async () => {
    const { env, store } = live([5, 6, 7])
    history.replaceState(null, '', '/pools/a?from=-1h')
    await show(store)
    expect(await screen.findByText(/The past could not be loaded: Not here\./)).toBeTruthy()
    expect(within(screen.getByRole('list')).getByText(/7/)).toBeTruthy()
    answers.set('aggregate', () => ({
      fromMs: 0,
      toMs: env.nowMs,
      stepMs: 1000,
      atMs: [env.nowMs],
      columns: { inUse: [8], stale: [0] },
    }))
    fireEvent.click(screen.getByRole('button', { name: 'Try again' }))
    expect(await within(screen.getByRole('list')).findByText('8')).toBeTruthy()
    expect(screen.queryByText(/could not be loaded/)).toBeNull()
  })
  it('says of a time that nothing is kept of, that it is so', async () => {
    const { store } = live([5])
    history.replaceState(null, '', '/pools/a?from=2026-01-01T00:00:00Z&to=2026-01-01T01:00:00Z')
    answers.set('aggregate', () => ({ fromMs: 0, toMs: 0, stepMs: 1000, atMs: [], columns: {} }))
    await show(store)
    expect(await screen.findByText(/No numbers of this time are kept/)).toBeTruthy()
  })
  it('marks what happened to its subject, with words for each mark', async () => {
    const { env, store } = live(new Array(60).fill(5))
    const about = { kind: 'deploy', poolId: null, serverId: null }
    answers.set('/annotations', () => ({
      annotations: [
        { ...about, id: '1', atMs: env.nowMs - 30_000, service: 'shop', text: 'shop 2.1' },
        { ...about, id: '2', atMs: env.nowMs - 20_000, service: 'another', text: 'not ours' },
      ],
    }))
    await show(store)
    const mark = await screen.findByRole('button', { name: /^Deploy of shop, .*: shop 2\.1$/ })
    expect(screen.queryByText(/not ours/)).toBeNull()
    expect(screen.queryByText(/shop 2\.1/)).toBeNull()
    fireEvent.focus(mark)
    expect(screen.getByText(/shop 2\.1/)).toBeTruthy()
  })
})
