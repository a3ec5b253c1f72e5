import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { SearchBox } from './SearchBox.tsx'

afterEach(cleanup)

function show(value: string) {
  const on = { change: vi.fn(), down: vi.fn() }
  render(
    <SearchBox label="Search pools" placeholder="" value={value} onChange={on.change} onDown={on.down} />,
  )
  const field = screen.getByRole('searchbox', { name: 'Search pools' })
  field.focus()
  return { field, on }
}

describe('SearchBox', () => {
  it('is emptied by Esc, and left by Esc when it is empty', () => {
    const { field, on } = show('orders')
    fireEvent.keyDown(field, { key: 'Escape' })
    expect(on.change).toHaveBeenCalledWith('')
    expect(document.activeElement).toBe(field)
    cleanup()
    const empty = show('')
    fireEvent.keyDown(empty.field, { key: 'Escape' })
    expect(document.activeElement).not.toBe(empty.field)
  })

  it('leads on to the list by arrow down and Enter', () => {
    const { field, on } = show('orders')
    fireEvent.keyDown(field, { key: 'ArrowDown' })
    fireEvent.keyDown(field, { key: 'Enter' })
    expect(on.down).toHaveBeenCalledTimes(2)
  })
})
