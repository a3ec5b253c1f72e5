import { memo, type ReactNode } from 'react'
import { cx } from '../lib/cx.ts'
import type { Sort } from '../lib/query-state.ts'
import styles from './DataTable.module.css'
import { SortButton } from './SortHeader.tsx'

/** A column of a {@link DataTable}. */
export type TableColumn<Row, C extends string = string> = {
  id: C
  label: string
  cell: (row: Row) => ReactNode
  /** Numbers stand at the end, text at the start. */
  end?: boolean
  /** The way a first press sorts; a column without it cannot be sorted. */
  sortFirst?: 'ascending' | 'descending'
  /** Left out where there is little room: below 720 px, or below 1100 px. */
  hideBelow?: 'narrow' | 'medium'
  /** Takes what room is left. */
  wide?: boolean
}

/**
 * A native table for up to a few hundred rows. It scrolls sideways within itself where the columns
 * do not fit, so that the page never does.
 */
export function DataTable<Row, C extends string = string>({
  caption,
  columns,
  rows,
  rowKey,
  sort = null,
  onSort,
  alike = Object.is,
  rowClass,
  after,
}: {
  /** Names the table for those who do not see the title above it. */
  caption: string
  columns: readonly TableColumn<Row, C>[]
  rows: readonly Row[]
  rowKey: (row: Row) => string
  sort?: Sort<C> | null
  onSort?: (sort: Sort<C>) => void
  /** Whether two rows look the same in the same columns: then the second is not rendered in place of the first. */
  alike?: (before: Row, now: Row) => boolean
  rowClass?: (row: Row) => string | undefined
  /** What stands under a row over the whole width, such as an opened stack. */
  after?: (row: Row) => ReactNode
}) {
  return (
    <div className={styles.scroll}>
      <table className={styles.table}>
        <caption className="spoken">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th
                key={column.id}
                scope="col"
                className={columnClass(column)}
                aria-sort={sort?.column === column.id ? directionOf(sort) : undefined}
              >
                {column.sortFirst === undefined || onSort === undefined ? (
                  column.label
                ) : (
                  <SortButton
                    label={column.label}
                    end={column.end === true}
                    sorted={sort?.column === column.id ? directionOf(sort) : null}
                    onSort={() => onSort(nextSort(sort, column.id, column.sortFirst === 'descending'))}
                  />
                )}
              </th>
            ))}
          </tr>
        </thead>
        {rows.map((row) => (
          <DataRow
            key={rowKey(row)}
            row={row}
            columns={columns}
            alike={alike}
            className={rowClass?.(row)}
            after={after?.(row)}
          />
        ))}
      </table>
    </div>
  )
}

type DataRowProps<Row> = {
  row: Row
  columns: readonly TableColumn<Row>[]
  alike: (before: Row, now: Row) => boolean
  className: string | undefined
  after: ReactNode
}

const DataRow = memo(
  function DataRow<Row>({ row, columns, className, after }: DataRowProps<Row>) {
    return (
      <tbody className={className}>
        <tr>
          {columns.map((column) => (
            <td key={column.id} className={columnClass(column)}>
              {column.cell(row)}
            </td>
          ))}
        </tr>
        {after}
      </tbody>
    )
  },
  (before, now) =>
    before.columns === now.columns &&
    before.className === now.className &&
    before.after === now.after &&
    now.alike(before.row, now.row),
) as <Row>(props: DataRowProps<Row>) => ReactNode

function columnClass({ end, wide, hideBelow }: Pick<TableColumn<unknown>, 'end' | 'wide' | 'hideBelow'>) {
  return cx(end && styles.end, wide && styles.wide, hideBelow !== undefined && styles[hideBelow])
}

function directionOf(sort: Sort<string>): 'ascending' | 'descending' {
  return sort.descending ? 'descending' : 'ascending'
}

/** The sort after a press on a column's heading. */
export function nextSort<C extends string>(
  sort: Sort<C> | null,
  column: C,
  descendingFirst: boolean,
): Sort<C> {
  return { column, descending: sort?.column === column ? !sort.descending : descendingFirst }
}
