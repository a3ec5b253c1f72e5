import { act, cleanup, render, screen } from '@testing-library/react'
import { afterEach, describe, expect, it } from 'vitest'
import { FakeEnvironment } from '../live/fake-environment.ts'
import { helloOf } from '../live/fake-messages.ts'
import { LiveContext } from '../live/hooks.ts'
import { LiveStore } from '../live/live-store.ts'
import { FiringBadge } from './FiringBadge.tsx'

afterEach(cleanup)

function show(firing: { info: number; warn: number; critical: number }) {
  const env = new FakeEnvironment()
  const store = new LiveStore(env)
  store.start()
  env.socket.say({ ...helloOf(env.nowMs, { a: 1 }), alerts: { firing, pending: 7 } })
  env.frame()
  const { container } = render(
    <LiveContext value={store}>
      <FiringBadge />
    </LiveContext>,
  )
  return { env, container }
}

describe('FiringBadge', () => {
  it('counts what fires, here and in the title of the tab', () => {
    show({ info: 1, warn: 2, critical: 0 })
    expect(screen.getByText('3').textContent).toBe('3 firing')
    expect(document.title).toMatch(/^\(3\) /)
  })

  it('is nothing when nothing fires, whatever is pending', () => {
    const { container } = show({ info: 0, warn: 0, critical: 0 })
    expect(container.textContent).toBe('')
    expect(document.title).not.toContain('(')
  })

  it('is nothing once the agent is out of reach: an old count is none', () => {
    const { env, container } = show({ info: 0, warn: 0, critical: 4 })
    expect(container.textContent).toBe('4 firing')
    act(() => {
      env.socket.cut()
      env.frame()
    })
    expect(container.textContent).toBe('')
    expect(document.title).not.toContain('(')
  })
})
