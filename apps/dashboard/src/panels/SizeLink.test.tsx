import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { FakeWorker } from '../lib/fake-worker.ts'
import { readingWorker } from '../lib/replay-ahead.ts'
import { SizeLink } from './SizeLink.tsx'

afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

describe(SizeLink, () => {
  it.each([
    ['a pointer', (link: HTMLElement) => fireEvent.pointerEnter(link)],
    ['a finger', (link: HTMLElement) => fireEvent.pointerDown(link)],
    ['the keyboard', (link: HTMLElement) => link.focus()],
  ])('asks for what the calculator needs once %s reaches it, and not before', (_, reach) => {
    FakeWorker.made.length = 0
    vi.stubGlobal('Worker', FakeWorker)
    const asked: string[] = []
    vi.stubGlobal('fetch', (path: string) => {
      asked.push(path)
      return new Promise(() => {})
    })
    render(
      <QueryClientProvider client={new QueryClient()}>
        <SizeLink groupId="orders" />
      </QueryClientProvider>,
    )
    expect([...FakeWorker.made, ...asked]).toEqual([])
    reach(screen.getByRole('link', { name: 'Size this pool' }))
    expect(asked).toEqual(['/api/v1/groups/orders', '/api/v1/groups/orders/history'])
    expect(FakeWorker.made.map(({ told }) => told)).toEqual([[{ kind: 'read', groupId: 'orders' }]])
    expect(readingWorker('orders')).toBe(FakeWorker.made[0])
  })
})
