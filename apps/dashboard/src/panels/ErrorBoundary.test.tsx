import { cleanup, render, screen } from '@testing-library/react'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ErrorBoundary } from './ErrorBoundary.tsx'

function Broken(): never {
  throw new Error('no such column')
}

afterEach(() => {
  cleanup()
  vi.restoreAllMocks()
})

describe('ErrorBoundary', () => {
  it('says what to do, and clears itself on the next page', () => {
    // React writes what it caught to the console.
    vi.spyOn(console, 'error').mockImplementation(() => {})
    const { rerender } = render(
      <ErrorBoundary resetKey="/fleet">
        <Broken />
      </ErrorBoundary>,
    )
    expect(screen.getByRole('alert').textContent).toContain('no such column')
    expect(screen.getByRole('button', { name: 'Load the page again' })).toBeTruthy()
    rerender(
      <ErrorBoundary resetKey="/servers">
        <p>whole</p>
      </ErrorBoundary>,
    )
    expect(screen.getByText('whole')).toBeTruthy()
  })
})
