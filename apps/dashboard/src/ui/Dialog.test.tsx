import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { Dialog } from './Dialog.tsx'

afterEach(cleanup)

describe('Dialog', () => {
  it('opens by its title, and closes by the cross and by a press beside it', () => {
    const close = vi.fn()
    render(
      <Dialog title="Keys" open onClose={close}>
        <p>inside</p>
      </Dialog>,
    )
    const dialog = screen.getByRole('dialog', { name: 'Keys' })
    fireEvent.click(screen.getByText('inside'))
    expect(close).not.toHaveBeenCalled()
    fireEvent.click(dialog)
    fireEvent.click(screen.getByRole('button', { name: 'Close' }))
    expect(close).toHaveBeenCalledTimes(2)
  })
})
