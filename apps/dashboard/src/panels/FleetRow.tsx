import { memo, useLayoutEffect, useRef } from 'react'
import { useRouter } from 'wouter'
import { Sparkline } from '../charts/Sparkline.tsx'
import { cx } from '../lib/cx.ts'
import { formatAgeShort, UNKNOWN } from '../lib/format.ts'
import { groupHref } from '../lib/href.ts'
import { watchSight } from '../lib/sight.ts'
import { type FleetView, useFleetFact, useLiveStore } from '../live/hooks.ts'
import { Tag } from '../ui/Chip.tsx'
import { StatusMark } from '../ui/StatusMark.tsx'
import { TablePart } from '../ui/TablePart.tsx'
import styles from './FleetTable.module.css'
import type { FleetItem } from './fleet-order.ts'
import { FleetRowCells, NUMBER_CELLS, type NumberCell } from './fleet-row-cells.ts'

/** Rows are kept ready for scrolling; those so near are kept current too, so that a slow scroll meets no old number. */
const NEAR_PX = 72

type Place = { rowIndex: number; y: number; height: number }

const at = ({ rowIndex, y, height }: Place) => ({
  'aria-rowindex': rowIndex,
  style: { height, transform: `translateY(${y}px)` },
})

// Spread onto plain blocks, where `TablePart` would be a component for each of a row's ten cells.
const row = (place: Place) => ({ role: 'row', ...at(place) })
const CELL = { role: 'cell' } as const

/**
 * One pool group in the fleet table. Its numbers are written by {@link FleetRowCells} once a tick while it can be seen;
 * only another status renders again.
 */
export const FleetRow = memo(function FleetRow({
  id,
  active,
  onActive,
  ...place
}: Place & { id: string; active: boolean; onActive: (id: string) => void }) {
  const store = useLiveStore()
  const line = useRef<HTMLDivElement>(null)
  const cells = useRef<FleetRowCells>(null)
  const group = store.view.groups[store.view.indexOf(id)]
  const known = group !== undefined
  useLayoutEffect(() => {
    if (line.current === null || !known) return
    cells.current ??= new FleetRowCells(line.current)
    const { current } = cells
    const write = () => {
      const at = store.view.indexOf(id)
      if (at >= 0) current.write(store.view, at)
    }
    write()
    const sight = watchSight(line.current, write, NEAR_PX)
    const remove = store.onDraw(() => {
      if (sight.allows()) write()
    })
    return () => {
      remove()
      sight.stop()
    }
  }, [store, id, known])
  if (!known) return null
  return (
    <div {...row(place)} ref={line} className={cx(styles.row, styles.line)}>
      <StatusCell id={id} />
      <PoolCell
        id={id}
        service={group.service}
        name={group.name}
        observed={group.origin === 'observed'}
        active={active}
        onActive={onActive}
      />
      {numberCell('instances')}
      <div {...CELL} className={styles.used}>
        <span data-part="meter" aria-hidden="true" />
        <span className={styles.ratio}>
          <span data-part="used">{UNKNOWN}</span>
          <span className={styles.quiet} data-part="max">
            /{UNKNOWN}
          </span>
        </span>
      </div>
      {numberCell('waiting')}
      {numberCell('wait')}
      {numberCell('hold')}
      {numberCell('checkouts')}
      {numberCell('failed')}
      <div {...CELL} className={styles.spark}>
        <Sparkline groupId={id} />
      </div>
    </div>
  )
})

/** A cell whose last text is the number. */
function numberCell(name: NumberCell) {
  const { label } = NUMBER_CELLS[name]
  return (
    <div {...CELL} className={cx(styles[name], styles.end)} data-part={name}>
      {label !== null && <span className={styles.label}>{label} </span>}
      {UNKNOWN}
    </div>
  )
}

function StatusCell({ id }: { id: string }) {
  const status = useGroupFact(id, (fleet, at) => fleet.status(at))
  const reason = useGroupFact(id, (fleet, at) => fleet.reason(at))
  const staleMs = useGroupFact(id, (fleet, at) =>
    fleet.value(at, 'stale') === 1 ? fleet.value(at, 'ageMs') : null,
  )
  return (
    <div {...CELL} className={styles.status} title={reason ?? undefined}>
      <StatusMark status={status} word={staleMs === null ? undefined : `stale, ${formatAgeShort(staleMs)}`} />
    </div>
  )
}

/** One thing about a group as of the newest tick; renders again only when that changes. */
function useGroupFact<T extends string | number | null>(
  id: string,
  read: (fleet: FleetView, at: number) => T,
): T {
  return useFleetFact((fleet) => read(fleet, fleet.indexOf(id)))
}

const PoolCell = memo(function PoolCell({
  id,
  service,
  name,
  observed,
  active,
  onActive,
}: {
  id: string
  service: string
  name: string
  observed: boolean
  active: boolean
  onActive: (id: string) => void
}) {
  const router = useRouter()
  const { hrefs } = router
  return (
    <div {...CELL} className={styles.pool}>
      <a
        href={hrefs(groupHref(id), router)}
        className={styles.link}
        tabIndex={active ? 0 : -1}
        data-group={id}
        title={`${service} / ${name}`}
        onFocus={() => onActive(id)}
      >
        <span className={styles.service}>{service} /</span> {name}
      </a>
      {observed && <Tag title="Inferred from the server’s session list">no probe</Tag>}
    </div>
  )
})

/** The heading over the pools that share a service, a system or a server. */
export function FleetHeading({ item, ...place }: Place & { item: Extract<FleetItem, { kind: 'heading' }> }) {
  return (
    <TablePart part="row" {...at(place)} className={cx(styles.row, styles.heading)}>
      <TablePart part="cell" aria-colspan={10} className={styles.gathered}>
        <StatusMark status={item.worst} word={item.name} />
        <span className={styles.quiet}>
          {item.count} {item.count === 1 ? 'pool' : 'pools'}
        </span>
      </TablePart>
    </TablePart>
  )
}
