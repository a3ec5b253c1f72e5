import {
  type MouseEvent,
  memo,
  type Ref,
  useCallback,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
  useState,
} from 'react'
import { navigate } from 'wouter/use-browser-location'
import { cx } from '../lib/cx.ts'
import type { FleetSort } from '../lib/fleet-query.ts'
import { useHotkeys } from '../lib/hotkeys.ts'
import { NARROW, useMedia } from '../lib/media.ts'
import type { Sort } from '../lib/query-state.ts'
import { spanName } from '../lib/range-text.ts'
import { spanOf } from '../lib/time-range.ts'
import { useTimeRange } from '../lib/use-time-range.ts'
import { nextSort } from '../ui/DataTable.tsx'
import { SortButton } from '../ui/SortHeader.tsx'
import { TablePart } from '../ui/TablePart.tsx'
import { FleetHeading, FleetRow } from './FleetRow.tsx'
import styles from './FleetTable.module.css'
import type { FleetItem } from './fleet-order.ts'
import { lastOpened } from './last-opened.ts'
import { useRowWindow } from './row-window.ts'

const ROW_PX = 36
const NARROW_ROW_PX = 76
/** The bar and the heading stick to the top and would cover the row that the keyboard moves to. */
const COVERED_PX = 96

type Column = { id: FleetSort | 'spark'; label: string; end?: boolean; descendingFirst?: boolean }

/** In the order of the cells of {@link FleetRow}. */
const COLUMNS: readonly Column[] = [
  { id: 'status', label: 'Status', descendingFirst: true },
  { id: 'pool', label: 'Service / pool' },
  { id: 'instances', label: 'Instances', end: true, descendingFirst: true },
  { id: 'used', label: 'In use / max', descendingFirst: true },
  { id: 'waiting', label: 'Waiting', end: true, descendingFirst: true },
  { id: 'wait', label: 'Wait p99', end: true, descendingFirst: true },
  { id: 'hold', label: 'Hold p99', end: true, descendingFirst: true },
  { id: 'checkouts', label: 'Checkouts', end: true, descendingFirst: true },
  { id: 'failed', label: 'Failed', end: true, descendingFirst: true },
  { id: 'spark', label: 'In use' },
]

const NONE: readonly FleetItem[] = []

export type FleetTableHandle = { focusFirst: () => void }

/**
 * The pool groups, as many as there are: only the rows on screen exist, and the one that holds the
 * focus. The order is the caller's; `onHold` tells it when a reader's pointer, focus or finger is here.
 * @param items null while they are not known: the table stands there and has bars for rows
 */
export const FleetTable = memo(function FleetTable({
  items: known,
  sort,
  onSort,
  onHold,
  ref,
}: {
  items: readonly FleetItem[] | null
  sort: Sort<FleetSort>
  onSort: (sort: Sort<FleetSort>) => void
  onHold: (held: boolean) => void
  ref?: Ref<FleetTableHandle>
}) {
  const items = known ?? NONE
  const narrow = useMedia(NARROW)
  const range = useTimeRange()
  const sparkTime = range.kind === 'live' ? spanName(range.spanMs) : `past ${spanName(spanOf(range))}`
  const rowPx = narrow ? NARROW_ROW_PX : ROW_PX
  const body = useRef<HTMLDivElement>(null)
  const [activeId, setActiveId] = useState<string | null>(() => lastOpened.groupId)
  const active = activeId === null ? -1 : items.findIndex((item) => item.id === activeId)

  const { first, last, places, topPx, reveal } = useRowWindow({
    list: body,
    count: items.length,
    rowPx,
    coveredPx: COVERED_PX,
  })
  const shown: number[] = []
  if (active >= 0 && active < first) shown.push(active)
  for (let index = first; index <= last; index += 1) shown.push(index)
  if (active > last) shown.push(active)

  // By their places, so that another order writes other pools into the rows that are there. While a row has the focus
  // the order stands still, and its place is its own wherever the page scrolls.
  const outside = active >= 0 && (active < first || active > last)
  const keyOf = (index: number) =>
    outside && index !== active && index % places === active % places ? places : index % places

  const focusItem = useCallback(
    (index: number) => {
      const item = items[index]
      if (item === undefined) return
      setActiveId(item.id)
      reveal(index)
      // The row may come into being only now.
      requestAnimationFrame(() => {
        const links = body.current?.querySelectorAll<HTMLAnchorElement>('a[data-group]') ?? []
        for (const link of links) if (link.dataset.group === item.id) link.focus({ preventScroll: true })
      })
    },
    [items, reveal],
  )
  const step = (by: 1 | -1) => {
    let next = active < 0 ? (by === 1 ? 0 : -1) : active + by
    while (items[next]?.kind === 'heading') next += by
    focusItem(next)
  }
  useHotkeys({ j: () => step(1), k: () => step(-1) })
  useImperativeHandle(ref, () => ({ focusFirst: () => focusItem(items[0]?.kind === 'heading' ? 1 : 0) }))

  // Coming back from a pool, the row that led there has the focus again.
  const [returned] = useState(() => lastOpened.take())
  const restored = useRef(false)
  useLayoutEffect(() => {
    if (restored.current || returned === null || topPx === null || known === null) return
    restored.current = true
    const index = items.findIndex((item) => item.id === returned)
    if (index >= 0) focusItem(index)
  })

  const hovered = useRef(false)
  const focused = useRef(false)
  const report = () => onHold(hovered.current || focused.current)
  return (
    <TablePart
      part="table"
      aria-label="Pools"
      aria-busy={known === null}
      aria-rowcount={known === null ? -1 : items.length + 1}
      aria-colcount={COLUMNS.length}
      className={styles.table}
      onPointerEnter={() => {
        hovered.current = true
        report()
      }}
      onPointerLeave={() => {
        hovered.current = false
        report()
      }}
      onFocus={() => {
        focused.current = true
        report()
      }}
      onBlur={(event) => {
        if (event.currentTarget.contains(event.relatedTarget)) return
        focused.current = false
        report()
      }}
    >
      <TablePart part="rowgroup" className={styles.head}>
        <TablePart part="row" aria-rowindex={1} className={cx(styles.row, styles.headings)}>
          {COLUMNS.map(({ id, label, end, descendingFirst }) => (
            <TablePart
              key={id}
              part="columnheader"
              className={cx(styles[id], end && styles.end)}
              aria-sort={sort.column === id ? (sort.descending ? 'descending' : 'ascending') : undefined}
            >
              {id === 'spark' ? (
                `${label}, ${sparkTime}`
              ) : (
                <SortButton
                  label={label}
                  end={end === true}
                  sorted={sort.column === id ? (sort.descending ? 'descending' : 'ascending') : null}
                  onSort={() => onSort(nextSort(sort, id, descendingFirst === true))}
                />
              )}
            </TablePart>
          ))}
        </TablePart>
      </TablePart>
      <TablePart
        part="rowgroup"
        ref={body}
        className={styles.body}
        style={known === null ? undefined : { height: items.length * rowPx }}
        onClick={openPool}
      >
        {known === null && <BlankRows />}
        {shown.map((index) => {
          const item = items[index]
          if (item === undefined) return null
          const y = index * rowPx
          return item.kind === 'heading' ? (
            <FleetHeading key={keyOf(index)} item={item} rowIndex={index + 2} y={y} height={rowPx} />
          ) : (
            <FleetRow
              key={keyOf(index)}
              id={item.id}
              rowIndex={index + 2}
              y={y}
              height={rowPx}
              active={active < 0 ? index === 0 : index === active}
              onActive={setActiveId}
            />
          )
        })}
      </TablePart>
    </TablePart>
  )
})

/** A bar for each cell, painted down each column: an element for each would hold up the first paint. */
function BlankRows() {
  return (
    <div className={cx(styles.row, styles.blank)} aria-hidden="true">
      {COLUMNS.map(({ id }) => (
        <span key={id} className={styles[id]} />
      ))}
    </div>
  )
}

/** A plain press on the link of a row opens the pool within the page; all others are the browser's. */
function openPool(event: MouseEvent): void {
  const link =
    event.target instanceof Element ? event.target.closest<HTMLAnchorElement>('a[data-group]') : null
  if (link?.dataset.group === undefined) return
  lastOpened.groupId = link.dataset.group
  if (event.defaultPrevented || event.button !== 0) return
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return
  event.preventDefault()
  navigate(link.pathname + link.search)
}
