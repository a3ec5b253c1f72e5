import type { Holder, Holders } from '@poolscope/protocol'
import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, describe, expect, it } from 'vitest'
import { HoldersTable } from './HoldersTable.tsx'

const holder = (sessionPid: number, sinceMs: number, stack: string[] | null): Holder => ({
  poolId: 'checkout.orders-1.a-2',
  instance: 'a',
  sinceMs,
  heldMs: 10_000 - sinceMs,
  sessionPid,
  sessionState: 'active',
  stack,
  stackState: stack === null ? 'not_sampled' : 'captured',
  site: stack?.[0] ?? null,
  waitEventType: null,
  waitEvent: null,
  activity: 'running',
  quietMs: 0,
  quietLimitMs: null,
  transaction: 'none',
  transactionMs: null,
  lastStatement: null,
  suspectedSinceMs: null,
  blockedBy: null,
  blocks: null,
})
const holders = (...list: Holder[]): Holders => ({
  atMs: 10_000,
  total: list.length,
  holders: list,
  lateReturns: { total: 0, last: null },
})
const rowTexts = () =>
  screen
    .getAllByRole('row')
    .slice(1)
    .map((row) => row.textContent ?? '')

afterEach(cleanup)

describe('HoldersTable', () => {
  it('says plainly that code was not sampled, and that nobody holds', () => {
    const { rerender } = render(<HoldersTable atMs={10_000} holders={holders(holder(7, 0, null))} />)
    expect(screen.getByText('not sampled')).toBeTruthy()
    rerender(<HoldersTable atMs={10_000} holders={holders()} />)
    expect(screen.getByText(/Nobody holds a connection/)).toBeTruthy()
  })

  it('never moves a row past another when a measured age wavers', () => {
    const { rerender } = render(
      <HoldersTable atMs={10_000} holders={holders(holder(1, 100, null), holder(2, 101, null))} />,
    )
    rerender(
      <HoldersTable
        atMs={10_000}
        holders={holders(holder(2, 99, null), holder(1, 100, null), holder(3, 50, null))}
      />,
    )
    expect(rowTexts().map((text) => /a(\d)/.exec(text)?.[1])).toEqual(['1', '2', '3'])
  })

  it('puts a session that was taken anew behind those that are held longer', () => {
    const { rerender } = render(
      <HoldersTable atMs={10_000} holders={holders(holder(1, 100, null), holder(2, 900, null))} />,
    )
    rerender(<HoldersTable atMs={10_000} holders={holders(holder(1, 9000, null), holder(2, 900, null))} />)
    expect(rowTexts().map((text) => /a(\d)/.exec(text)?.[1])).toEqual(['2', '1'])
  })

  it('keeps an opened stack on screen after the connection was given back', () => {
    const stack = ['reserveStock (/app/src/reserve.ts:42:18)', 'placeOrder (/app/src/place.ts:7:5)']
    const { rerender } = render(<HoldersTable atMs={10_000} holders={holders(holder(7, 0, stack))} />)
    fireEvent.click(screen.getByRole('button', { name: /reserveStock/, expanded: false }))
    const node = screen.getByText(/placeOrder/).firstChild
    rerender(<HoldersTable atMs={11_000} holders={holders()} />)
    expect(screen.getByText(/placeOrder/).firstChild).toBe(node)
    expect(screen.getByText('given back')).toBeTruthy()
    fireEvent.click(screen.getByRole('button', { name: /reserveStock/, expanded: true }))
    expect(screen.queryByText(/placeOrder/)).toBeNull()
  })
})
