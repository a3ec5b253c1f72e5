import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { Chip } from './Chip.tsx'
import { StatusMark } from './StatusMark.tsx'

afterEach(cleanup)

describe('Chip', () => {
  it('says whether it is on', () => {
    const press = vi.fn()
    render(
      <Chip pressed onPress={press}>
        2 critical
      </Chip>,
    )
    const chip = screen.getByRole('button', { name: '2 critical', pressed: true })
    fireEvent.click(chip)
    expect(press).toHaveBeenCalledOnce()
  })
})

describe('StatusMark', () => {
  it('is a word as well as a shape', () => {
    const marks = (['ok', 'warning', 'critical'] as const).map((status) => {
      const { container } = render(<StatusMark status={status} />)
      return { word: container.textContent, shape: container.querySelector('svg path')?.getAttribute('d') }
    })
    expect(marks.map(({ word }) => word)).toEqual(['ok', 'warning', 'critical'])
    expect(new Set(marks.map(({ shape }) => shape ?? '')).size).toBe(3)
  })
})
