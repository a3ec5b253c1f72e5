import { act, cleanup, renderHook, waitFor } from '@testing-library/react'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { useRowWindow } from './row-window.ts'

const ROW_PX = 36

/** A list of rows that begins at the top of the page, in a window ten rows high. */
function startList(count: number) {
  vi.stubGlobal('innerHeight', ROW_PX * 10)
  vi.stubGlobal('scrollY', 0)
  const element = document.createElement('div')
  const list = { current: element }
  return renderHook(() => useRowWindow({ list, count, rowPx: ROW_PX, coveredPx: ROW_PX }))
}

function scrollPage(y: number) {
  vi.stubGlobal('scrollY', y)
  act(() => void dispatchEvent(new Event('scroll')))
}

afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

describe('useRowWindow', () => {
  it('begins with what the window shows, and has some more after the first paint', async () => {
    const { result } = startList(1000)
    expect(result.current.first).toBe(0)
    expect(result.current.last).toBeLessThan(10)
    const before = result.current.last
    await waitFor(() => expect(result.current.last).toBe(before + 6))
  })
  it('follows the page as it scrolls, up to the last row', async () => {
    const { result } = startList(100)
    await waitFor(() => expect(result.current.last).toBeGreaterThan(9))
    const { first, last } = result.current
    scrollPage(ROW_PX * 50)
    expect(result.current.first).toBeGreaterThan(first + 30)
    const rows = result.current.last - result.current.first + 1
    expect(result.current.places).toBeGreaterThanOrEqual(rows)
    expect(result.current.last).toBe(last + 50)
    scrollPage(ROW_PX * 95)
    expect(result.current.last).toBe(99)
  })
  it('scrolls to a row below or above by no more than is needed, clear of what covers the top', () => {
    const moved = vi.spyOn(window, 'scrollTo').mockImplementation(() => undefined)
    const { result } = startList(100)
    result.current.reveal(5)
    expect(moved).not.toHaveBeenCalled()
    result.current.reveal(20)
    expect(moved).toHaveBeenLastCalledWith({ top: ROW_PX * 11 })
    result.current.reveal(0)
    expect(moved).toHaveBeenLastCalledWith({ top: -ROW_PX })
  })
})
