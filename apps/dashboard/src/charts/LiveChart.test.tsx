import { QueryClientProvider } from '@tanstack/react-query'
import { act, cleanup, fireEvent, render, screen, within } from '@testing-library/react'
import { Line, LineChart, XAxis, YAxis } from 'recharts'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createQueryClient } from '../api/query-client.ts'
import { FakeEnvironment } from '../live/fake-environment.ts'
import { catalogueOf, helloOf, tickOf } from '../live/fake-messages.ts'
import { LiveContext } from '../live/hooks.ts'
import { LiveStore } from '../live/live-store.ts'
import { MARGIN } from './ChartFrame.tsx'
import { type ChartSeries, LiveChart } from './LiveChart.tsx'

const SERIES: readonly ChartSeries[] = [{ key: 'used', label: 'in use', column: 'inUse', color: 'red' }]
const LIMITS = [{ label: 'max', value: 50 }]
const SOURCE = { kind: 'group' as const, id: 'a' }
const WIDTH = 500
const HEIGHT = 180

beforeEach(() => {
  vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(WIDTH)
})
afterEach(() => {
  cleanup()
  vi.restoreAllMocks()
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
    await vi.waitFor(() => expect(pathOf(container)?.getAttribute('d')).toBeTruthy())
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
    await vi.waitFor(() => expect(pathOf(container)?.getAttribute('d')).toBeTruthy())
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
    await vi.waitFor(() => expect(pathOf(container)?.getAttribute('d')).toBeTruthy())
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
})
