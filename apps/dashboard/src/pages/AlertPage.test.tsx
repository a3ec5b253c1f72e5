import type { Alert, Holder } from '@poolscope/protocol'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, fireEvent, render, screen, within } from '@testing-library/react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { FakeEnvironment } from '../live/fake-environment.ts'
import { holderOf } from '../live/fake-holder.ts'
import { helloOf } from '../live/fake-messages.ts'
import { LiveContext } from '../live/hooks.ts'
import { LiveStore } from '../live/live-store.ts'
import { AlertPage } from './AlertPage.tsx'

const holder = (sessionPid: number, change: Partial<Holder> = {}) =>
  holderOf(sessionPid, {
    poolId: 'orders.a-1',
    heldMs: 40_000,
    sessionState: 'idle in transaction',
    stack: ['reserveStock (/app/src/reserve.ts:42:18)', 'placeOrder (/app/src/place.ts:7:5)'],
    ...change,
  })

const alert: Alert = {
  id: 'leak-orders-1',
  rule: 'leak',
  title: 'Leak',
  guide: 'rules.md#leak',
  severity: 'critical',
  state: 'firing',
  subjectKind: 'group',
  subject: 'orders',
  subjectName: 'shop / orders',
  sinceMs: 900_000,
  firedMs: 950_000,
  resolvedMs: null,
  message: 'Two connections are held and not used.',
  evidence: {
    facts: [
      { name: 'longest held', value: 40_000, unit: 'ms' },
      { name: 'taken at', value: null, unit: 'text' },
    ],
    holders: [
      holder(7, {
        activity: 'idle_in_transaction',
        quietMs: 39_000,
        lastStatement: 'UPDATE stock SET held = ?',
      }),
      holder(9, {
        activity: 'blocked',
        blockedBy: { sessionPid: 7, poolId: null, service: 'shop', stack: null },
      }),
    ],
  },
  remedy: 'Give the connection back.',
  symptoms: [],
  acknowledgedMs: null,
  silenceId: null,
  flapping: false,
  blackBox: false,
}

let answers: Record<string, unknown>

beforeEach(() => {
  const none = { atMs: 1_000_000, counts: {}, alerts: [], notifiers: [] }
  answers = { '/api/v1/alerts?state=pending': none, '/api/v1/alerts/leak-orders-1': alert }
  vi.stubGlobal('fetch', async (path: string) => {
    const body = answers[path]
    const missing = { code: 'not_found', message: 'Nothing.' }
    return new Response(JSON.stringify(body ?? missing), { status: body === undefined ? 404 : 200 })
  })
})
afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

function show() {
  const env = new FakeEnvironment()
  const store = new LiveStore(env)
  store.start()
  env.socket.say(helloOf(env.nowMs, { orders: 10 }))
  env.frame()
  render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
      <LiveContext value={store}>
        <AlertPage id="leak-orders-1" />
      </LiveContext>
    </QueryClientProvider>,
  )
}

describe('AlertPage', () => {
  it('shows the evidence with its units, a dash where it is not known, and the way to the guide', async () => {
    show()
    expect((await screen.findByText('longest held')).nextSibling?.textContent).toMatch(/^40.0.s$/)
    expect(screen.getByText('taken at').nextSibling?.textContent).toBe('—')
    expect(screen.getByText('Give the connection back.')).toBeTruthy()
    expect(screen.getByRole('link', { name: 'More in the guide' }).getAttribute('href')).toBe(
      '/guide/rules.html#leak',
    )
  })

  it('names the line that holds and its last statement, and says what is not known', async () => {
    show()
    const table = within(await screen.findByRole('table'))
    expect(table.getByText('UPDATE stock SET held = ?')).toBeTruthy()
    expect(table.getByText('last statement not known')).toBeTruthy()
    fireEvent.click(table.getAllByRole('button', { name: /reserveStock/, expanded: false })[0] as HTMLElement)
    expect(table.getByText(/placeOrder/)).toBeTruthy()
  })

  it('draws who blocks whom, each box a link that says so in words', async () => {
    show()
    const root = await screen.findByRole('link', { name: /^pid 7 .*has the lock, keeps 9 waiting$/ })
    expect(root.getAttribute('href')).toBe('/pools/orders')
    expect(screen.getByRole('link', { name: /^pid 9 .*waits for 7$/ })).toBeTruthy()
  })

  it('says that it knows no such alert', async () => {
    delete answers['/api/v1/alerts/leak-orders-1']
    show()
    expect(await screen.findByText('No such alert')).toBeTruthy()
  })

  it('shows one that is pending, which is in the list of those alone', async () => {
    delete answers['/api/v1/alerts/leak-orders-1']
    const soon = { ...alert, state: 'pending', firedMs: null }
    answers['/api/v1/alerts?state=pending'] = { atMs: 1_000_000, counts: {}, alerts: [soon], notifiers: [] }
    show()
    expect(await screen.findByText('pending')).toBeTruthy()
    expect(screen.queryByRole('button', { name: 'Acknowledge' })).toBeNull()
  })
})
