import type { ConnectionLimit } from '@poolscope/protocol'
import { formatCount, UNKNOWN } from '../lib/format.ts'
import { Card } from '../ui/Card.tsx'
import { DataTable, type TableColumn } from '../ui/DataTable.tsx'
import { Meter } from '../ui/Meter.tsx'

/** Rows before the rest is summed up. */
const TOP = 20
const NEARLY_FULL = 0.9

const COLUMNS: readonly TableColumn<ConnectionLimit>[] = [
  { id: 'kind', label: 'Limit of', cell: ({ kind }) => kind },
  { id: 'name', label: 'Name', cell: ({ name }) => name },
  {
    id: 'bar',
    label: 'Use',
    wide: true,
    cell: ({ used, max }) => (
      <Meter
        part={used}
        limit={max}
        tone={
          used !== null && used >= max
            ? 'critical'
            : used !== null && used > NEARLY_FULL * max
              ? 'warning'
              : 'used'
        }
      />
    ),
  },
  { id: 'used', label: 'Used', end: true, cell: ({ used }) => (used === null ? UNKNOWN : formatCount(used)) },
  { id: 'max', label: 'Most', end: true, cell: ({ max }) => formatCount(max) },
]

/** Limits of users and databases below that of the whole server, the fullest first. */
export function LimitsTable({ limits }: { limits: readonly ConnectionLimit[] }) {
  const fullest = limits.toSorted((a, b) => (b.used ?? 0) / b.max - (a.used ?? 0) / a.max)
  return (
    <Card
      title="Limits of users and databases"
      note={limits.length > TOP ? `the ${TOP} fullest of ${formatCount(limits.length)}` : undefined}
      flush
    >
      <DataTable
        caption="Limits of users and databases"
        columns={COLUMNS}
        rows={fullest.slice(0, TOP)}
        rowKey={({ kind, name }) => `${kind} ${name}`}
      />
    </Card>
  )
}
