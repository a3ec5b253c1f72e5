import type { Advice, AdviceItem, Score } from '@poolscope/protocol'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { FakeEnvironment } from '../live/fake-environment.ts'
import { LiveContext } from '../live/hooks.ts'
import { LiveStore } from '../live/live-store.ts'
import { AdvicePage } from './AdvicePage.tsx'

const item = (id: string, state: AdviceItem['state'], change: Partial<AdviceItem> = {}): AdviceItem => ({
  id,
  section: 'Configuration',
  text: `item ${id}`,
  state,
  rules: ['leak'],
  reason: null,
  examples: [],
  ...change,
})

const examples = [
  { language: 'Node.js', code: 'release()' },
  { language: 'Go', code: 'defer rows.Close()' },
]

const score: Score = { passed: 1, failed: 1, unknown: 2, ratio: 0.25 }

const advice: Advice = {
  atMs: 1_700_000_000_000,
  score,
  checklist: [
    item('released', 'fail', { reason: 'Two connections are held.', examples }),
    item('again', 'fail', { examples }),
    item('metrics', 'unknown', { reason: 'No probe measures this pool.' }),
    item('tests', 'unobservable', { rules: [] }),
    item('limits', 'pass'),
  ],
  antiPatterns: [item('leaks', 'fail')],
  reviewQuestions: [item('pooled', 'pass')],
  subjects: [
    {
      kind: 'service',
      id: 'shop',
      name: 'shop',
      score: { passed: 1, failed: 0, unknown: 0, ratio: 1 },
      level: 'warn',
      causes: [],
      checklist: [item('own', 'pass')],
      verdicts: [
        {
          rule: 'leak',
          title: 'Leak',
          guide: 'rules.md#leak',
          subjectKind: 'group',
          subject: 'orders',
          level: 'warn',
          sentence: 'One connection is held and not used.',
          evidence: { facts: [{ name: 'longest held', value: 90_000, unit: 'ms' }], holders: [] },
          remedy: 'Give it back.',
        },
        {
          rule: 'wait',
          title: 'Long waits',
          guide: 'rules.md#wait',
          subjectKind: 'group',
          subject: 'orders',
          level: 'unknown',
          sentence: 'Nobody measured.',
          evidence: { facts: [], holders: [] },
          remedy: null,
        },
      ],
    },
  ],
}

let answer: { status: number; body: unknown }

beforeEach(() => {
  history.replaceState(null, '', '/advice')
  answer = { status: 200, body: advice }
  vi.stubGlobal('fetch', async () => new Response(JSON.stringify(answer.body), { status: answer.status }))
})
afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

function show() {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } })
  render(
    <QueryClientProvider client={client}>
      <LiveContext value={new LiveStore(new FakeEnvironment())}>
        <AdvicePage />
      </LiveContext>
    </QueryClientProvider>,
  )
}

const list = (name = 'Checklist') => screen.findByRole('region', { name })

describe('AdvicePage', () => {
  it('counts what is unknown apart, says why, and lets it lower the score', async () => {
    show()
    const overall = within(await screen.findByRole('region', { name: 'Score' }))
    expect(overall.getByText(/^25.%$/)).toBeTruthy()
    expect(overall.getByText('2 unknown')).toBeTruthy()
    const items = within(await list())
    expect(items.getByText('No probe measures this pool.')).toBeTruthy()
    expect(items.getByText('not to be seen')).toBeTruthy()
  })

  it('shows what was found with its numbers, its remedy, and a link to the guide', async () => {
    show()
    const found = within(await screen.findByRole('region', { name: 'Services and servers' }))
    expect(found.getByText('Give it back.')).toBeTruthy()
    expect(found.getByText(/^1.min 30.s$/)).toBeTruthy()
    expect(found.getByRole('link', { name: 'More in the guide' }).getAttribute('href')).toBe(
      '/guide/rules.html#leak',
    )
    expect(found.getByText('1 could not be known')).toBeTruthy()
  })

  it('keeps one language for every example', async () => {
    show()
    const [first] = within(await list()).getAllByRole('combobox', { name: 'In' })
    fireEvent.change(first as HTMLElement, { target: { value: 'Go' } })
    expect(screen.getAllByText('defer rows.Close()')).toHaveLength(2)
    expect(screen.queryByText('release()')).toBeNull()
  })

  it('keeps list, answer and subject in the address', async () => {
    show()
    await list()
    fireEvent.click(screen.getByRole('button', { name: /unknown$/ }))
    await waitFor(() => expect(location.search).toBe('?answer=unknown'))
    expect(screen.queryByText('item released')).toBeNull()
    fireEvent.click(screen.getByRole('button', { name: /unknown$/ }))
    fireEvent.change(screen.getByRole('combobox', { name: 'About' }), { target: { value: 'shop' } })
    expect(await screen.findByText('item own')).toBeTruthy()
    fireEvent.click(screen.getByRole('button', { name: 'Review questions' }))
    expect(await within(await list('Review questions')).findByText('item pooled')).toBeTruthy()
    expect(location.search).toBe('?about=shop&list=questions')
  })

  it('says that nothing is watched, and that it failed', async () => {
    answer = { status: 200, body: { ...advice, subjects: [] } }
    show()
    expect(await screen.findByText('Nothing to advise on')).toBeTruthy()
    cleanup()
    answer = { status: 500, body: { code: 'internal', message: 'The agent failed.' } }
    show()
    expect(await screen.findByText('Could not load the advice')).toBeTruthy()
  })
})
