import type { Alert, Alerts, NotifierStatus } from '@poolscope/protocol'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { FakeEnvironment } from '../live/fake-environment.ts'
import { helloOf } from '../live/fake-messages.ts'
import { LiveContext } from '../live/hooks.ts'
import { LiveStore } from '../live/live-store.ts'
import { AlertsPage } from './AlertsPage.tsx'

const NOW_MS = 1_700_000_000_000

const alertOf = (id: string, change: Partial<Alert> = {}): Alert => ({
  id,
  rule: 'exhaustion',
  title: 'Pool exhausted',
  guide: 'alerts.md#exhaustion',
  severity: 'critical',
  state: 'firing',
  subjectKind: 'group',
  subject: 'orders',
  subjectName: 'shop / orders',
  sinceMs: NOW_MS - 90_000,
  firedMs: NOW_MS - 80_000,
  resolvedMs: null,
  message: 'Out of connections: 10 of 10 in use.',
  evidence: { facts: [], holders: [] },
  remedy: null,
  symptoms: [],
  acknowledgedMs: null,
  silenceId: null,
  flapping: false,
  blackBox: false,
  ...change,
})

const failing: NotifierStatus = {
  name: 'pager',
  type: 'webhook',
  sentTotal: 0,
  failedTotal: 3,
  droppedTotal: 0,
  queued: 1,
  error: { message: 'connection refused', sinceMs: NOW_MS - 61_000 },
}

/** An agent that answers what a test says; paths without an answer are faults of its own. */
let answers: Map<string, () => { status: number; body: unknown }>
let asked: string[]

const listOf = (alerts: Alert[], notifiers: NotifierStatus[] = []): Alerts => ({
  atMs: NOW_MS,
  counts: { firing: { info: 0, warn: 0, critical: alerts.length }, pending: 0 },
  alerts,
  notifiers,
})

function says(path: string, body: unknown, status = 200): void {
  answers.set(path, () => ({ status, body }))
}

beforeEach(() => {
  history.replaceState(null, '', '/alerts')
  asked = []
  answers = new Map()
  says('GET /api/v1/alerts?state=pending', listOf([]))
  says('GET /api/v1/alerts?state=resolved', listOf([]))
  says('GET /api/v1/silences', { silences: [] })
  vi.stubGlobal('fetch', async (path: string, { method = 'GET', body }: RequestInit = {}) => {
    asked.push(`${method} ${path} ${body ?? ''}`.trim())
    const answer = answers.get(`${method} ${path}`)?.() ?? {
      status: 500,
      body: { code: 'internal', message: 'no' },
    }
    return new Response(JSON.stringify(answer.body), { status: answer.status })
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
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } })
  render(
    <QueryClientProvider client={client}>
      <LiveContext value={store}>
        <AlertsPage />
      </LiveContext>
    </QueryClientProvider>,
  )
}

const firing = () => screen.findByRole('region', { name: 'Firing' })

describe('AlertsPage', () => {
  it('says that nothing fires, and what is watched', async () => {
    says('GET /api/v1/alerts?state=firing', listOf([]))
    show()
    expect(await screen.findByRole('heading', { name: 'Nothing fires' })).toBeTruthy()
    expect(screen.getByText(/^1 pool and 0 servers are judged/)).toBeTruthy()
    expect(await screen.findByText('Nothing is silenced.')).toBeTruthy()
  })

  it('shows what fires with its age, its symptoms folded in and a link to its pool', async () => {
    const symptom = {
      rule: 'waiters',
      subjectKind: 'group' as const,
      subject: 'orders',
      severity: 'warn' as const,
      sinceMs: NOW_MS,
      message: '3 callers wait.',
    }
    says('GET /api/v1/alerts?state=firing', listOf([alertOf('a', { symptoms: [symptom] })]))
    show()
    const article = within(await within(await firing()).findByRole('article'))
    expect(article.getByText(/1.min 30.s/)).toBeTruthy()
    expect(article.getByText('One symptom of it')).toBeTruthy()
    expect(article.getByRole('link', { name: 'shop / orders' }).getAttribute('href')).toBe('/pools/orders')
  })

  it('shows an alert as acknowledged once the agent says so, and says why it does not', async () => {
    says('GET /api/v1/alerts?state=firing', listOf([alertOf('a')]))
    says('POST /api/v1/alerts/a/ack', { code: 'not_found', message: 'No alert of that id fires.' }, 404)
    show()
    fireEvent.click(await screen.findByRole('button', { name: 'Acknowledge' }))
    expect((await screen.findByRole('alert')).textContent).toContain('No alert of that id fires.')
    expect(screen.queryByText(/^acknowledged/)).toBeNull()
    const done = alertOf('a', { acknowledgedMs: NOW_MS })
    says('POST /api/v1/alerts/a/ack', done)
    says('GET /api/v1/alerts?state=firing', listOf([done]))
    fireEvent.click(screen.getByRole('button', { name: 'Acknowledge' }))
    expect(await screen.findByText(/^acknowledged/)).toBeTruthy()
    expect(screen.queryByRole('button', { name: 'Acknowledge' })).toBeNull()
  })

  it('asks for a reason before it silences, and keeps the dialog open when the agent refuses', async () => {
    says('GET /api/v1/alerts?state=firing', listOf([alertOf('a')]))
    says('POST /api/v1/silences', { code: 'invalid_request', message: 'too many silences' }, 400)
    show()
    fireEvent.click(await screen.findByRole('button', { name: 'Silence …' }))
    const dialog = within(await screen.findByRole('dialog', { name: 'Silence' }))
    const send = dialog.getByRole('button', { name: 'Silence' })
    expect(send.hasAttribute('disabled')).toBe(true)
    fireEvent.change(dialog.getByRole('textbox', { name: 'Why' }), { target: { value: 'roll-out' } })
    fireEvent.change(dialog.getByRole('combobox', { name: 'For' }), { target: { value: '240' } })
    fireEvent.click(send)
    expect((await dialog.findByRole('alert')).textContent).toContain('too many silences')
    const request = JSON.parse(
      asked.find((one) => one.startsWith('POST /api/v1/silences'))?.slice(22) ?? '{}',
    )
    expect(request).toMatchObject({ rule: 'exhaustion', subject: 'orders', comment: 'roll-out' })
    // Four hours from now, give or take what the test takes.
    expect(Math.abs(request.untilMs - Date.now() - 4 * 3_600_000)).toBeLessThan(60_000)
  })

  it('shows plainly that a notifier fails', async () => {
    says('GET /api/v1/alerts?state=firing', listOf([], [failing]))
    show()
    expect(await screen.findByText(/Fails for 1.min 1.s:/)).toBeTruthy()
    expect(screen.getByText(/connection refused/)).toBeTruthy()
  })

  it('keeps the states that are chosen in the address', async () => {
    says('GET /api/v1/alerts?state=firing', listOf([alertOf('a')]))
    says(
      'GET /api/v1/alerts?state=resolved',
      listOf([alertOf('b', { state: 'resolved', resolvedMs: NOW_MS })]),
    )
    show()
    fireEvent.click(await screen.findByRole('button', { name: /resolved$/ }))
    await waitFor(() => expect(location.search).toBe('?state=resolved'))
    expect(screen.queryByRole('region', { name: 'Firing' })).toBeNull()
    expect(within(screen.getByRole('region', { name: 'Resolved' })).getByText(/Lasted/)).toBeTruthy()
  })

  it('says by which code it failed, and tries again', async () => {
    says('GET /api/v1/alerts?state=firing', { code: 'internal', message: 'The agent failed.' }, 500)
    show()
    expect(await screen.findByText('Could not load the alerts')).toBeTruthy()
    says('GET /api/v1/alerts?state=firing', listOf([alertOf('a')]))
    fireEvent.click(screen.getByRole('button', { name: 'Try again' }))
    expect(await within(await firing()).findByRole('article')).toBeTruthy()
  })
})
