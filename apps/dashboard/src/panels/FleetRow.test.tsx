import { act, cleanup, render, screen } from '@testing-library/react'
import { afterEach, describe, expect, it } from 'vitest'
import { FakeEnvironment } from '../live/fake-environment.ts'
import { catalogueOf, helloOf, tickOf } from '../live/fake-messages.ts'
import { LiveContext } from '../live/hooks.ts'
import { LiveStore } from '../live/live-store.ts'
import { FleetRow } from './FleetRow.tsx'

afterEach(cleanup)

function shown(inUse: Readonly<Record<string, number | null>>) {
  const env = new FakeEnvironment()
  const store = new LiveStore(env)
  store.start()
  env.socket.say(helloOf(env.nowMs, inUse))
  env.socket.say(catalogueOf(1, Object.keys(inUse)))
  env.frame()
  const row = (active: boolean) => (
    <LiveContext value={store}>
      <FleetRow id="b" active={active} onActive={() => {}} rowIndex={2} y={0} height={36} />
    </LiveContext>
  )
  const { rerender } = render(row(false))
  const tick = (values: readonly (number | null)[], stale: readonly number[] = []) =>
    act(() => {
      env.pass(1000)
      env.socket.say(tickOf(1, env.nowMs, values, stale))
      env.frame()
    })
  return { env, store, tick, activate: () => rerender(row(true)) }
}

const texts = () => screen.getAllByRole('cell').map((cell) => cell.textContent)

describe('FleetRow', () => {
  it('shows the numbers of its group from the start', () => {
    shown({ a: 1, b: 7 })
    expect(texts()).toEqual([
      'ok',
      'shop / b',
      '1',
      '7/10',
      'waiting 0',
      'wait p99 —',
      'hold p99 —',
      '0/s',
      'failed 0/s',
      '',
    ])
  })

  it('follows each tick, and keeps what it shows when it renders again', () => {
    const { tick, activate } = shown({ a: 1, b: 7 })
    // Every column but the connections in use is 0 in these ticks: no limit is known of a pool whose max is 0.
    tick([1, 9])
    expect(texts()[3]).toBe('9/0')
    activate()
    expect(texts()[3]).toBe('9/0')
    tick([1, null])
    expect(texts()[3]).toBe('—/0')
  })

  it('follows its group to another place in the fleet', () => {
    const { env, tick } = shown({ a: 1, b: 7 })
    act(() => env.socket.say(catalogueOf(1, ['b'])))
    tick([4])
    expect(texts()[3]).toBe('4/0')
  })

  it('says that its numbers are old', () => {
    const { tick } = shown({ a: 1, b: 7 })
    tick([1, 7], [0, 1])
    expect(texts()[0]).toMatch(/^stale, /)
    tick([1, 7])
    expect(texts()[0]).toBe('ok')
  })

  it('stands still while the page is paused', () => {
    const { store, tick } = shown({ a: 1, b: 7 })
    act(() => store.pause())
    tick([1, 3])
    expect(texts()[3]).toBe('7/10')
    act(() => store.resume())
    tick([1, 3])
    expect(texts()[3]).toBe('3/0')
  })
})
