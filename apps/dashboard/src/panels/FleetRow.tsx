import { memo } from 'react'
import { useRouter } from 'wouter'
import { Sparkline } from '../charts/Sparkline.tsx'
import { cx } from '../lib/cx.ts'
import { formatAgeShort, formatCount, formatMs, formatRate } from '../lib/format.ts'
import { groupHref } from '../lib/href.ts'
import { useFleet } from '../live/hooks.ts'
import { Tag } from '../ui/Chip.tsx'
import { Meter } from '../ui/Meter.tsx'
import { StatusMark } from '../ui/StatusMark.tsx'
import { TablePart } from '../ui/TablePart.tsx'
import styles from './FleetTable.module.css'
import { type FleetItem, failedPerSec } from './fleet-order.ts'

type Place = { rowIndex: number; y: number; height: number }

const at = ({ rowIndex, y, height }: Place) => ({
  'aria-rowindex': rowIndex,
  style: { height, transform: `translateY(${y}px)` },
})

// Spread onto plain blocks, where `TablePart` would be a component for each of a row's ten cells.
const row = (place: Place) => ({ role: 'row', ...at(place) })
const CELL = { role: 'cell' } as const

/** One pool group in the fleet table. It follows each tick by itself; the table around it does not. */
export const FleetRow = memo(function FleetRow({
  id,
  active,
  onActive,
  ...place
}: Place & { id: string; active: boolean; onActive: (id: string) => void }) {
  const fleet = useFleet()
  const index = fleet.indexOf(id)
  const group = fleet.groups[index]
  if (group === undefined) return null
  const value = (column: Parameters<typeof fleet.value>[1]) => fleet.value(index, column)
  const status = fleet.status(index)
  const stale = value('stale') === 1
  const inUse = value('inUse')
  const max = value('max')
  const waiting = value('waiting')
  const failed = failedPerSec(fleet, index)
  const full = inUse !== null && max !== null && max > 0 && inUse >= max
  return (
    <div {...row(place)} className={cx(styles.row, styles.line, stale && styles.old)}>
      <div {...CELL} className={styles.status} title={fleet.reason(index) ?? undefined}>
        <StatusMark status={status} word={stale ? `stale, ${formatAgeShort(value('ageMs'))}` : undefined} />
      </div>
      <PoolCell
        id={id}
        service={group.service}
        name={group.name}
        observed={group.origin === 'observed'}
        active={active}
        onActive={onActive}
      />
      <Value name="instances" text={formatCount(value('instances'))} />
      <div {...CELL} className={styles.used}>
        <Meter
          part={inUse}
          more={value('idle')}
          limit={max}
          tone={stale ? 'stale' : full ? 'critical' : 'used'}
        />
        <span className={styles.ratio}>
          {formatCount(inUse)}
          <span className={styles.quiet}>/{formatCount(max)}</span>
        </span>
      </div>
      <Value name="waiting" label="waiting" text={formatCount(waiting)} zero={waiting === 0} />
      <Value
        name="wait"
        label="wait p99"
        text={formatMs(value('waitP99Ms'))}
        zero={value('waitP99Ms') === 0}
      />
      <Value name="hold" label="hold p99" text={formatMs(value('holdP99Ms'))} />
      <Value name="checkouts" text={formatRate(value('checkoutsPerSec'))} />
      <Value name="failed" label="failed" text={formatRate(failed)} zero={failed === 0} />
      <div {...CELL} className={styles.spark}>
        <Sparkline groupIndex={index} column="inUse" max={max} />
      </div>
    </div>
  )
})

// What follows is drawn anew only where a number changed: most cells of most rows say the same as a second ago.

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

const Value = memo(function Value({
  name,
  label,
  text,
  zero = false,
}: {
  name: string
  label?: string
  text: string
  zero?: boolean
}) {
  return (
    <div {...CELL} className={cx(styles[name], styles.end, zero && styles.quiet)}>
      {label !== undefined && <span className={styles.label}>{label} </span>}
      {text}
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
