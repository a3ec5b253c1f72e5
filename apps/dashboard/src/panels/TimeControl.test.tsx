import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { formatTime } from '../lib/format.ts'
import { chooseZone, currentZone } from '../lib/time-zone.ts'
import { FakeEnvironment } from '../live/fake-environment.ts'
import { helloOf } from '../live/fake-messages.ts'
import { LiveContext } from '../live/hooks.ts'
import { LiveStore } from '../live/live-store.ts'
import { TimeControl } from './TimeControl.tsx'

const HOUR = 3_600_000
const NOW = Date.UTC(2026, 10, 21, 12)

function show(address: string) {
  history.replaceState(null, '', address)
  const env = new FakeEnvironment()
  env.nowMs = NOW
  const store = new LiveStore(env)
  store.start()
  env.socket.say(helloOf(NOW, { a: 1 }))
  return render(
    <LiveContext value={store}>
      <TimeControl />
    </LiveContext>,
  )
}
const press = (key: string) => fireEvent.keyDown(document.body, { key })
const openMenu = async () => {
  press('t')
  return screen.findByRole('dialog', { name: 'Time shown' })
}

beforeEach(() => localStorage.clear())
afterEach(() => {
  cleanup()
  chooseZone('local')
})

describe('TimeControl', () => {
  it('goes earlier and later by half of what is shown, and follows now again', () => {
    show('/pools/a?instance=x&from=-1h')
    press('[')
    expect(location.search).toBe(`?instance=x&from=${NOW - 1.5 * HOUR}&to=${NOW - 0.5 * HOUR}`)
    fireEvent.click(screen.getByRole('button', { name: /^Earlier/ }))
    expect(location.search).toBe(`?instance=x&from=${NOW - 2 * HOUR}&to=${NOW - HOUR}`)
    press(']')
    press(']')
    expect(location.search).toBe('?instance=x&from=-1h')
    expect(screen.getByRole<HTMLButtonElement>('button', { name: /^Later/ }).disabled).toBe(true)
  })
  it('zooms by keys, back by Escape, and to what is live', () => {
    show('/pools/a?from=-1h')
    expect(screen.getByText('Last 1 h')).toBeTruthy()
    press('-')
    expect(location.search).toBe('?from=-6h')
    press('+')
    expect(location.search).toBe('?from=-1h')
    press('+')
    expect(location.search).toBe('?from=-15m')
    press('Escape')
    press('Escape')
    expect(location.search).toBe('?from=-6h')
    expect(screen.queryByRole('button', { name: /Undo the zoom/ })).toBeNull()
    press('l')
    expect(location.search).toBe('')
  })
})

describe('TimeMenu', () => {
  it('takes a preset', async () => {
    show('/fleet?q=a')
    await openMenu()
    expect(screen.getByRole('button', { name: '5 min', pressed: true })).toBe(document.activeElement)
    fireEvent.click(screen.getByRole('button', { name: '7 d' }))
    expect(location.search).toBe('?q=a&from=-7d')
    expect(screen.queryByRole('dialog')).toBeNull()
  })
  it('takes two moments in the zone in force, and says what is wrong with them', async () => {
    chooseZone('utc')
    show('/fleet')
    await openMenu()
    const [from, to] = [screen.getByLabelText('From'), screen.getByLabelText('To')]
    expect((to as HTMLInputElement).value).toMatch(/^2026-11-21T12:00/)
    fireEvent.change(from, { target: { value: '2026-11-20T10:00:00' } })
    fireEvent.change(to, { target: { value: '2026-11-20T09:00:00' } })
    fireEvent.click(screen.getByRole('button', { name: 'Show' }))
    expect(screen.getByText('The end is not after the beginning.')).toBeTruthy()
    fireEvent.change(to, { target: { value: '' } })
    fireEvent.click(screen.getByRole('button', { name: 'Show' }))
    expect(screen.getByText('Both moments need a date and a time.')).toBeTruthy()
    fireEvent.change(to, { target: { value: '2026-11-20T11:30:00' } })
    fireEvent.click(screen.getByRole('button', { name: 'Show' }))
    expect(location.search).toBe(`?from=${Date.UTC(2026, 10, 20, 10)}&to=${Date.UTC(2026, 10, 20, 11, 30)}`)
  })
  it('writes times in another zone, keeps that, and takes it out of the address', async () => {
    show('/fleet?tz=local')
    await openMenu()
    fireEvent.click(screen.getByLabelText('UTC'))
    expect(currentZone()).toBe('utc')
    expect(localStorage.getItem('poolscope.zone')).toBe('utc')
    expect(location.search).toBe('')
    expect(formatTime(NOW)).toMatch(/^12.00.00$/)
    expect(screen.getByText(/From one moment to another \(UTC\)/)).toBeTruthy()
  })
})
