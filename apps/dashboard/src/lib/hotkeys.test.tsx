import { cleanup, fireEvent, render } from '@testing-library/react'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { type Hotkeys, useHotkeys } from './hotkeys.ts'

function Page({ hotkeys }: { hotkeys: Hotkeys }) {
  useHotkeys(hotkeys)
  return (
    <>
      <input aria-label="text" />
      <button type="button">press</button>
    </>
  )
}

afterEach(cleanup)

describe('useHotkeys', () => {
  it('runs single keys and keys in turn', () => {
    const hotkeys = { j: vi.fn(), 'g f': vi.fn() }
    render(<Page hotkeys={hotkeys} />)
    fireEvent.keyDown(document.body, { key: 'j' })
    fireEvent.keyDown(document.body, { key: 'g' })
    fireEvent.keyDown(document.body, { key: 'f' })
    expect(hotkeys.j).toHaveBeenCalledOnce()
    expect(hotkeys['g f']).toHaveBeenCalledOnce()
  })

  it('leaves text fields and modified keys alone', () => {
    const hotkeys = { j: vi.fn() }
    const { getByLabelText } = render(<Page hotkeys={hotkeys} />)
    fireEvent.keyDown(getByLabelText('text'), { key: 'j' })
    fireEvent.keyDown(document.body, { key: 'j', ctrlKey: true })
    expect(hotkeys.j).not.toHaveBeenCalled()
  })

  it('lets Space press a button', () => {
    const hotkeys = { ' ': vi.fn() }
    const { getByText } = render(<Page hotkeys={hotkeys} />)
    fireEvent.keyDown(getByText('press'), { key: ' ' })
    expect(hotkeys[' ']).not.toHaveBeenCalled()
    fireEvent.keyDown(document.body, { key: ' ' })
    expect(hotkeys[' ']).toHaveBeenCalledOnce()
  })
})
