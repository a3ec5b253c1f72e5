import { act, cleanup, render } from '@testing-library/react'
import { Profiler } from 'react'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { type Moving, useMoving } from '../lib/moving.ts'
import { MovingText } from './MovingText.tsx'

/** A value that a test changes. */
function moving<T>(first: T): Moving<T> & { to: (value: T) => void } {
  const listeners = new Set<() => void>()
  let now = first
  return {
    get now() {
      return now
    },
    onChange: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    to: (value) => {
      now = value
      act(() => {
        for (const listener of listeners) listener()
      })
    },
  }
}

afterEach(cleanup)

describe('MovingText', () => {
  it('writes another text into the text that is there, and renders nothing', () => {
    const of = moving(1)
    const rendered = vi.fn()
    const { container } = render(
      <Profiler id="page" onRender={rendered}>
        <MovingText of={of} text={(value) => `${value} in use`} />
      </Profiler>,
    )
    const node = container.querySelector('span')?.firstChild
    of.to(2)
    expect(container.textContent).toBe('2 in use')
    expect(container.querySelector('span')?.firstChild).toBe(node)
    expect(rendered).toHaveBeenCalledTimes(1)
  })
  it('says what is true after its page rendered again, with another text, value and emptiness', () => {
    const of = moving(1)
    const { container, rerender } = render(<MovingText of={of} text={String} />)
    of.to(2)
    rerender(<MovingText of={of} text={(value) => `max ${value}`} />)
    expect(container.textContent).toBe('max 2')
    rerender(<MovingText of={of} text={() => ''} />)
    expect(container.textContent).toBe('')
    const other = moving(7)
    rerender(<MovingText of={other} text={String} />)
    of.to(3)
    expect(container.textContent).toBe('7')
    other.to(8)
    expect(container.textContent).toBe('8')
  })
  it('begins empty where there is nothing to say', () => {
    const of = moving<string>('')
    const { container } = render(<MovingText of={of} text={String} />)
    of.to('late')
    expect(container.textContent).toBe('late')
  })
})

function Status({ of, rendered }: { of: Moving<{ status: string }>; rendered: () => void }) {
  rendered()
  return useMoving(of, ({ status }) => status)
}

describe('useMoving', () => {
  it('renders when the part that is read changes, and at no other change', () => {
    const of = moving({ status: 'ok', inUse: 1 })
    const rendered = vi.fn()
    const { container } = render(<Status of={of} rendered={rendered} />)
    of.to({ status: 'ok', inUse: 2 })
    expect(rendered).toHaveBeenCalledTimes(1)
    of.to({ status: 'critical', inUse: 3 })
    expect(container.textContent).toBe('critical')
    expect(rendered).toHaveBeenCalledTimes(2)
  })
})
