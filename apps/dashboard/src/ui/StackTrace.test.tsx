import { cleanup, render, screen } from '@testing-library/react'
import { afterEach, describe, expect, it } from 'vitest'
import { frameParts, ownFrame, StackTrace } from './StackTrace.tsx'

const stack = [
  'connect (/app/node_modules/pg-pool/index.js:45:11)',
  'reserveStock (/app/src/stock/reserve.ts:42:18)',
]

afterEach(cleanup)

describe('ownFrame', () => {
  it("is the first frame of the reader's own code, else the first", () => {
    expect(ownFrame(stack)).toBe(stack[1])
    expect(ownFrame(stack.slice(0, 1))).toBe(stack[0])
    expect(ownFrame([])).toBeNull()
  })
})

describe('frameParts', () => {
  it('takes a frame apart, and leaves out the column', () => {
    expect(frameParts('reserveStock (/app/src/stock/reserve.ts:42:18)')).toEqual({
      name: 'reserveStock',
      folder: '/app/src/stock/',
      file: 'reserve.ts:42',
    })
    expect(frameParts('Shop.place [as run] (reserve.ts:7:1)')).toEqual({
      name: 'Shop.place [as run]',
      folder: '',
      file: 'reserve.ts:7',
    })
    expect(frameParts('native code')).toEqual({ name: 'native code', folder: '', file: '' })
  })
})

describe('StackTrace', () => {
  it('keeps its text nodes while it is rendered again, so that a selection holds', () => {
    const { rerender } = render(<StackTrace stack={stack} />)
    const node = screen.getByText(/reserveStock/).firstChild
    rerender(<StackTrace stack={[...stack]} />)
    expect(screen.getByText(/reserveStock/).firstChild).toBe(node)
  })
})
