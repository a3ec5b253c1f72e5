import type { Holder, Holders } from '@poolscope/protocol'
import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, describe, expect, it } from 'vitest'
import { still } from '../lib/moving.ts'
import { FakeEnvironment } from '../live/fake-environment.ts'
import { holderOf } from '../live/fake-holder.ts'
import { helloOf } from '../live/fake-messages.ts'
import { LiveContext } from '../live/hooks.ts'
import { LiveStore } from '../live/live-store.ts'
import { HoldersTable } from './HoldersTable.tsx'

const holder = (sessionPid: number, sinceMs: number, stack: string[] | null) =>
  holderOf(sessionPid, { instance: 'a', sinceMs, heldMs: 10_000 - sinceMs, stack })
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
    const { rerender } = render(
      <HoldersTable of={still({ atMs: 10_000, holders: holders(holder(7, 0, null)) })} />,
    )
    expect(screen.getByText('not sampled')).toBeTruthy()
    rerender(<HoldersTable of={still({ atMs: 10_000, holders: holders() })} />)
    expect(screen.getByText(/Nobody holds a connection/)).toBeTruthy()
  })

  it('does not say that nobody held one where that is not recorded', () => {
    const env = new FakeEnvironment()
    const store = new LiveStore(env)
    store.start()
    env.socket.say({ ...helloOf(env.nowMs, { a: 1 }), recorded: true })
    env.frame()
    render(
      <LiveContext value={store}>
        <HoldersTable of={still({ atMs: 10_000, holders: holders() })} />
      </LiveContext>,
    )
    expect(screen.getByText('Who held connections is not in the recording.')).toBeTruthy()
    expect(screen.queryByText(/Nobody/)).toBeNull()
  })

  it('never moves a row past another when a measured age wavers', () => {
    const { rerender } = render(
      <HoldersTable
        of={still({ atMs: 10_000, holders: holders(holder(1, 100, null), holder(2, 101, null)) })}
      />,
    )
    rerender(
      <HoldersTable
        of={still({
          atMs: 10_000,
          holders: holders(holder(2, 99, null), holder(1, 100, null), holder(3, 50, null)),
        })}
      />,
    )
    expect(rowTexts().map((text) => /a(\d)/.exec(text)?.[1])).toEqual(['1', '2', '3'])
  })

  it('puts a session that was taken anew behind those that are held longer', () => {
    const { rerender } = render(
      <HoldersTable
        of={still({ atMs: 10_000, holders: holders(holder(1, 100, null), holder(2, 900, null)) })}
      />,
    )
    rerender(
      <HoldersTable
        of={still({ atMs: 10_000, holders: holders(holder(1, 9000, null), holder(2, 900, null)) })}
      />,
    )
    expect(rowTexts().map((text) => /a(\d)/.exec(text)?.[1])).toEqual(['2', '1'])
  })

  it('keeps an opened stack on screen after the connection was given back', () => {
    const stack = ['reserveStock (/app/src/reserve.ts:42:18)', 'placeOrder (/app/src/place.ts:7:5)']
    const { rerender } = render(
      <HoldersTable of={still({ atMs: 10_000, holders: holders(holder(7, 0, stack)) })} />,
    )
    fireEvent.click(screen.getByRole('button', { name: /reserveStock/, expanded: false }))
    const node = screen.getByText(/placeOrder/).firstChild
    rerender(<HoldersTable of={still({ atMs: 11_000, holders: holders() })} />)
    expect(screen.getByText(/placeOrder/).firstChild).toBe(node)
    expect(screen.getByText('given back')).toBeTruthy()
    fireEvent.click(screen.getByRole('button', { name: /reserveStock/, expanded: true }))
    expect(screen.queryByText(/placeOrder/)).toBeNull()
  })
})

describe('a holder that is suspected', () => {
  const leak: Holder = {
    ...holder(7, 0, ['reserveStock (src/reserve.ts:42:18)']),
    sessionState: 'idle in transaction',
    activity: 'idle_in_transaction',
    quietMs: 9000,
    quietLimitMs: 3000,
    transaction: 'open',
    transactionMs: 9500,
    lastStatement: 'UPDATE stock SET reserved = ?',
    suspectedSinceMs: 4000,
    blocks: 1,
  }
  const [row, title] = [() => rowTexts()[0] ?? '', () => screen.getByRole('table').closest('section')]

  it('says so in words, with its limit, its transaction, its line and its last statement', () => {
    render(<HoldersTable of={still({ atMs: 10_000, holders: holders(leak) })} />)
    for (const word of [
      'leak suspected',
      'idle in transaction',
      'limit 3.0',
      'blocks 1',
      'reserve.ts:42',
      'UPDATE stock SET reserved = ?',
    ]) {
      expect(row()).toContain(word)
    }
    expect(title()?.textContent).toContain('1 suspected')
  })

  it('is named by the one whom it keeps waiting, who is not suspected', () => {
    const waits: Holder = {
      ...holder(8, 100, null),
      activity: 'blocked',
      waitEventType: 'Lock',
      waitEvent: 'transactionid',
      stackState: 'capturing',
      blockedBy: { sessionPid: 7, poolId: leak.poolId, service: 'checkout', stack: leak.stack },
    }
    render(<HoldersTable of={still({ atMs: 10_000, holders: holders(waits) })} />)
    for (const word of [
      'waits for a lock',
      'Lock: transactionid',
      'blocked by pid 7 of checkout',
      'reserve.ts:42',
      'the next ones will be',
    ]) {
      expect(row()).toContain(word)
    }
    expect(row()).not.toContain('suspected')
  })

  it('is remembered when it came back after all', () => {
    const last = { poolId: leak.poolId, atMs: 4000, heldMs: 9000, quietMs: 8000, site: 'f (a.ts:1:1)' }
    render(
      <HoldersTable
        of={still({ atMs: 10_000, holders: { ...holders(), lateReturns: { total: 2, last } } })}
      />,
    )
    expect(screen.getByText(/2 suspected holds came back after all/).textContent).toContain('f (a.ts:1:1)')
  })
})
