import { cleanup, fireEvent, render, screen, within } from '@testing-library/react'
import { useState } from 'react'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Sort } from '../lib/query-state.ts'
import { DataTable, nextSort } from './DataTable.tsx'

type Row = { name: string; size: number }
type Column = 'name' | 'size'

function Sizes() {
  const [sort, setSort] = useState<Sort<Column>>({ column: 'name', descending: false })
  return (
    <DataTable<Row, Column>
      caption="Sizes"
      columns={[
        { id: 'name', label: 'Name', sortFirst: 'ascending', cell: (row) => row.name },
        { id: 'size', label: 'Size', sortFirst: 'descending', end: true, cell: (row) => row.size },
      ]}
      rows={[{ name: 'a', size: 1 }]}
      rowKey={(row) => row.name}
      sort={sort}
      onSort={setSort}
    />
  )
}

afterEach(cleanup)

describe('DataTable', () => {
  it('names itself and says which column it is sorted by', () => {
    render(<Sizes />)
    const table = screen.getByRole('table', { name: 'Sizes' })
    expect(within(table).getByRole('columnheader', { name: 'Name' }).getAttribute('aria-sort')).toBe(
      'ascending',
    )
    fireEvent.click(within(table).getByRole('button', { name: 'Size' }))
    expect(within(table).getByRole('columnheader', { name: 'Size' }).getAttribute('aria-sort')).toBe(
      'descending',
    )
    expect(within(table).getByRole('columnheader', { name: 'Name' }).getAttribute('aria-sort')).toBeNull()
  })
})

describe('a row of a DataTable', () => {
  const cell = vi.fn((row: Row) => row.name)
  const columns = [{ id: 'name', label: 'Name', cell }] as const
  const table = (rows: readonly Row[], alike?: (before: Row, now: Row) => boolean) => (
    <DataTable<Row>
      caption="Sizes"
      columns={columns}
      rows={rows}
      rowKey={(row) => row.name}
      {...(alike && { alike })}
    />
  )
  it('renders again when it is another, unless it looks the same', () => {
    const [a, b] = [
      { name: 'a', size: 1 },
      { name: 'b', size: 1 },
    ]
    const { rerender } = render(table([a, b]))
    rerender(table([a, { ...b, size: 2 }]))
    expect(cell.mock.calls.map(([{ name, size }]) => `${name}${size}`)).toEqual(['a1', 'b1', 'b2'])
    cell.mockClear()
    rerender(table([a, { ...b, size: 3 }], (before, now) => before.name === now.name))
    expect(cell).not.toHaveBeenCalled()
  })
})

describe('nextSort', () => {
  it('begins the natural way and turns round on the same column', () => {
    const first = nextSort<Column>(null, 'size', true)
    expect(first).toEqual({ column: 'size', descending: true })
    expect(nextSort(first, 'size', true).descending).toBe(false)
    expect(nextSort(first, 'name', false)).toEqual({ column: 'name', descending: false })
  })
})
