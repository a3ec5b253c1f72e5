import type { Knob, KnobChange } from '@poolscope/protocol'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { FakeEnvironment } from '../live/fake-environment.ts'
import { LiveContext } from '../live/hooks.ts'
import { LiveStore } from '../live/live-store.ts'
import { PoolKnob } from './PoolKnob.tsx'

const PATH = '/api/v1/groups/orders/max'
const measured = { seconds: 60, attemptsPerSec: 200, waitP95Ms: 5, holdP95Ms: 20, timeoutRatio: 0 }
const change: KnobChange = {
  id: '1',
  state: 'applied',
  max: 5,
  from: [10],
  by: 'Ann',
  reason: null,
  rule: 'wait',
  poolIds: ['orders.a'],
  askedMs: 1_700_000_000_000,
  appliedMs: 1_700_000_001_000,
  untilMs: null,
  judgedFromMs: 1_700_000_021_000,
  endedMs: null,
  ended: null,
  before: measured,
  after: null,
}
const poolOf = (instance: string) => ({
  poolId: `orders.${instance}`,
  instance,
  max: 10,
  least: instance === 'a' ? 2 : 4,
  most: instance === 'a' ? 40 : 30,
  original: 10,
})

/** What the agent says of the group, and what it was asked. */
let knob: Knob
let refusal: string | null
let asked: string[]

beforeEach(() => {
  knob = { enabled: true, pools: [poolOf('a'), poolOf('b')], change: null }
  refusal = null
  asked = []
  localStorage.clear()
  vi.stubGlobal('fetch', async (path: string, { method = 'GET', body }: RequestInit = {}) => {
    if (method === 'GET') return new Response(JSON.stringify(knob))
    asked.push(`${method} ${path} ${body}`)
    if (refusal === null) return new Response(JSON.stringify(change), { status: 201 })
    return new Response(JSON.stringify({ code: 'knob_refused', message: refusal }), { status: 409 })
  })
})
afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

function show(wanted = '', onClose = () => {}) {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } })
  render(
    <LiveContext value={new LiveStore(new FakeEnvironment())}>
      <QueryClientProvider client={client}>
        <PoolKnob groupId="orders" title="shop / orders" wanted={wanted} onClose={onClose} />
      </QueryClientProvider>
    </LiveContext>,
  )
}

const type = (name: RegExp, value: string) =>
  fireEvent.change(screen.getByRole('textbox', { name }), { target: { value } })

describe(PoolKnob, () => {
  it('says how to switch it on where the agent, or the service, does not allow it', async () => {
    knob = { enabled: false, pools: [], change: null }
    show()
    expect(await screen.findByText(/cannot be changed from here/)).toBeTruthy()
    cleanup()
    knob = { enabled: true, pools: [], change: null }
    show()
    expect(await screen.findByText(/does not allow its limit to be changed/)).toBeTruthy()
    expect(screen.queryByRole('button')).toBeNull()
  })

  it('asks within the bounds of all chosen instances, in a name that it remembers', async () => {
    show()
    fireEvent.click(await screen.findByRole('button', { name: 'Change …' }))
    const submit = screen.getByRole('button', { name: 'Change the limit' })
    type(/Most connections/, '35')
    type(/Your name/, ' Ann ')
    expect(screen.getByText('The service allows 4 to 30.')).toBeTruthy()
    expect(submit).toHaveProperty('disabled', true)
    fireEvent.change(screen.getByRole('combobox', { name: 'In' }), { target: { value: 'orders.a' } })
    expect(screen.getByText('One running process goes from 10 to 35 at once.')).toBeTruthy()
    fireEvent.change(screen.getByRole('combobox', { name: 'For' }), { target: { value: '15' } })
    fireEvent.click(submit)
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
    const body = { max: 35, by: 'Ann', rule: 'wait', minutes: 15, poolIds: ['orders.a'] }
    expect(asked).toEqual([`POST ${PATH} ${JSON.stringify(body)}`])
    fireEvent.click(screen.getByRole('button', { name: 'Change …' }))
    expect(screen.getByRole('textbox', { name: /Your name/ })).toHaveProperty('value', 'Ann')
  })

  it('shows why it was refused, and keeps what was typed', async () => {
    refusal = 'db takes 97 connections; if every pool filled up there would be 120.'
    show('30')
    await screen.findByRole('dialog')
    type(/Your name/, 'Ann')
    fireEvent.click(screen.getByRole('button', { name: 'Change the limit' }))
    expect((await screen.findByRole('alert')).textContent).toContain(refusal)
    expect(screen.getByRole('textbox', { name: /Most connections/ })).toHaveProperty('value', '30')
  })

  it('takes a change back', async () => {
    knob = { ...knob, change }
    show()
    fireEvent.click(await screen.findByRole('button', { name: 'Take it back …' }))
    type(/Your name/, 'Bob')
    fireEvent.click(screen.getByRole('button', { name: 'Take it back' }))
    await waitFor(() => expect(asked).toEqual([`DELETE ${PATH} {"by":"Bob"}`]))
  })

  it('shows what was rolled back, why, and how callers fared', async () => {
    const ended = 'Wait and hold together took 110 ms at the 95th percentile, 25 ms before.'
    knob.change = {
      ...change,
      state: 'rolled_back',
      ended,
      endedMs: 1_700_000_090_000,
      after: { ...measured, waitP95Ms: 90 },
    }
    show()
    expect((await screen.findByRole('status')).textContent).toBe(`rolled back: 5 instead of 10. ${ended}`)
    expect(screen.getByRole('row', { name: /^Wait, p95/ }).textContent).toMatch(/^Wait, p955.*ms90.*ms$/)
    expect(screen.queryByRole('button', { name: 'Take it back …' })).toBeNull()
  })
})
