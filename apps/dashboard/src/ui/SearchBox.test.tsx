import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
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

  it('offers suggestions while it is in use; the arrow then leads into them and Enter on to the list', () => {
    const onDown = vi.fn()
    const suggest = (value: string) => [`${value}ders`]
    render(
      <SearchBox
        label="Search"
        placeholder=""
        value="or"
        onChange={vi.fn()}
        onDown={onDown}
        suggest={suggest}
      />,
    )
    const field = screen.getByRole('combobox', { name: 'Search' })
    const offered = () =>
      [...document.querySelectorAll('datalist option')].map((option) => option.getAttribute('value'))
    expect(offered()).toEqual([])
    act(() => field.focus())
    expect(offered()).toEqual(['orders'])
    expect(field.getAttribute('list')).toBe(document.querySelector('datalist')?.id)
    fireEvent.keyDown(field, { key: 'ArrowDown' })
    expect(onDown).not.toHaveBeenCalled()
    fireEvent.keyDown(field, { key: 'Enter' })
    expect(onDown).toHaveBeenCalledOnce()
  })

  it('leads on to the list by arrow down and Enter', () => {
    const { field, on } = show('orders')
    fireEvent.keyDown(field, { key: 'ArrowDown' })
    fireEvent.keyDown(field, { key: 'Enter' })
    expect(on.down).toHaveBeenCalledTimes(2)
  })
})
