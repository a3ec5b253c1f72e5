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
    const { container } = render(<StatusMark status="critical" />)
    expect(container.textContent).toBe('critical')
    expect(container.querySelector('svg rect')).not.toBeNull()
  })
})
