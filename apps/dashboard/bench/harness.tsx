/// <reference types="vite/client" />
import '../src/styles/tokens.css'
import '../src/styles/base.css'
import { QueryClientProvider } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { flushSync } from 'react-dom'
import { createRoot } from 'react-dom/client'
import { createQueryClient } from '../src/api/query-client.ts'
import { type ChartSeries, LiveChart } from '../src/charts/LiveChart.tsx'
import { LiveProvider } from '../src/live/LiveProvider.tsx'
import { LiveStore } from '../src/live/live-store.ts'
import { FleetPage } from '../src/pages/FleetPage.tsx'
import { PoolPage } from '../src/pages/PoolPage.tsx'
import { Shell } from '../src/panels/Shell.tsx'
import { createFeed } from './feed.ts'
import { mountUplot } from './uplot-charts.ts'
import { groupId } from './values.ts'

const CHARTS = 12
const FLEET = 1000
/** For the history of the fleet to arrive, ms. */
const SETTLE_MS = 200

/** What the script that drives the browser calls. */
type Bench = {
  /** Starts and stops the ticks. */
  run: () => void
  stop: () => void
  /** Median time of taking in one tick with all that is parsed and written, ms. */
  ingest?: () => Promise<number>
  mountMs?: number
}
declare global {
  interface Window {
    bench?: Bench
  }
}

const query = new URLSearchParams(location.search)
const variant = query.get('v') ?? 'charts'
const tickMs = 1000 / Number(query.get('hz') ?? 1)
const root = document.getElementById('root') as HTMLElement

const LINES: readonly ChartSeries[] = [
  { key: 'p50', label: 'p50', column: 'waitP50Ms', color: 'var(--p50)', dash: '1.5 3' },
  { key: 'p95', label: 'p95', column: 'waitP95Ms', color: 'var(--p95)', dash: '5 3' },
  { key: 'p99', label: 'p99', column: 'waitP99Ms', color: 'var(--p99)' },
]
/** Lines, as the ruler draws them; the whole page has areas as well. */
const COUNTS: readonly ChartSeries[] = [
  { key: 'inUse', label: 'in use', column: 'inUse', color: 'var(--used)' },
  { key: 'idle', label: 'idle', column: 'idle', color: 'var(--idle)' },
]
const LIMITS = [{ label: 'max', column: 'max' as const }]
const SOURCES = Array.from({ length: CHARTS }, (_, index) => ({ kind: 'group' as const, id: groupId(index) }))

function Charts({ count }: { count: number }) {
  return (
    <div style={{ display: 'grid', gridTemplateColumns: 'repeat(3, 340px)', gap: 12 }}>
      {SOURCES.slice(0, count).map((source, index) => (
        <LiveChart
          key={source.id}
          title={`Chart ${index + 1}`}
          unit={index % 2 === 0 ? 'ms' : 'count'}
          series={index % 2 === 0 ? LINES : COUNTS}
          {...(index % 2 === 1 && { limits: LIMITS })}
          source={source}
          emptyText="Nothing"
        />
      ))}
    </div>
  )
}

function startReact(groups: number, content: ReactNode, shell: boolean): void {
  const feed = createFeed(groups, tickMs)
  const store = new LiveStore(feed.env)
  const bench: Bench = { run: feed.run, stop: feed.stop }
  const render = () =>
    flushSync(() =>
      createRoot(root).render(
        <QueryClientProvider client={createQueryClient(() => undefined)}>
          <LiveProvider store={store}>{shell ? <Shell>{content}</Shell> : content}</LiveProvider>
        </QueryClientProvider>,
      ),
    )
  if (variant !== 'fleet') {
    render()
    window.bench = bench
    feed.run()
    return
  }
  // The table is mounted over a store that is full, so that the time is the table's own.
  store.start()
  const stop = store.subscribe(() => {
    stop()
    store.past.readSpark(groupId(0), 'inUse', new Float32Array(60))
    // Not within the frame of this notification: the frame that shows the rows would be the next one but one.
    setTimeout(() => {
      const from = performance.now()
      render()
      requestAnimationFrame(() => {
        const channel = new MessageChannel()
        channel.port1.onmessage = () => {
          bench.mountMs = performance.now() - from
          bench.ingest = () => measureIngest(groups)
          window.bench = bench
          feed.run()
        }
        channel.port2.postMessage(null)
      })
    }, SETTLE_MS)
  })
}

function measureIngest(groups: number): Promise<number> {
  const feed = createFeed(groups, 1000)
  let onMessage: (text: string) => void = () => undefined
  const store = new LiveStore({
    ...feed.env,
    // Frames stay away: what is measured is parsing and writing, not drawing.
    requestFrame: () => 1,
    openSocket: (events) => {
      onMessage = events.onMessage
      return feed.env.openSocket(events)
    },
  })
  store.start()
  return new Promise<number>((resolve) => {
    setTimeout(() => {
      const times: number[] = []
      for (let i = 1; i <= 60; i++) {
        const text = feed.tickText(i)
        const from = performance.now()
        onMessage(text)
        times.push(performance.now() - from)
      }
      store.stop()
      times.sort((a, b) => a - b)
      resolve(times[30] as number)
    }, 50)
  })
}

switch (variant) {
  case 'empty':
    window.bench = { run: () => undefined, stop: () => undefined }
    break
  case 'uplot': {
    const { tick } = mountUplot(root, { charts: CHARTS, tickMs, synced: query.has('sync') })
    let timer = window.setInterval(tick, tickMs)
    window.bench = {
      run: () => {
        timer = window.setInterval(tick, tickMs)
      },
      stop: () => clearInterval(timer),
    }
    break
  }
  case 'charts':
    startReact(CHARTS, <Charts count={CHARTS} />, false)
    break
  case 'page':
    startReact(
      CHARTS,
      <>
        <PoolPage groupId={groupId(0)} />
        <Charts count={CHARTS / 2} />
      </>,
      true,
    )
    break
  case 'fleet':
    startReact(FLEET, <FleetPage />, true)
    break
}
