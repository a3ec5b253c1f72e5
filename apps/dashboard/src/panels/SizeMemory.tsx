import { CONNECTION_MEMORY, type ConnectionMemory, memoryOf } from '@poolscope/sizing'
import { formatBytes } from '../lib/format.ts'
import { Card } from '../ui/Card.tsx'
import { DataTable, type TableColumn } from '../ui/DataTable.tsx'
import styles from './SizeFormulas.module.css'

type Row = ConnectionMemory & { total: number | null }

const KINDS: Readonly<Record<ConnectionMemory['kind'], string>> = {
  folklore: 'in circulation',
  measured: 'measured',
  stated: 'stated',
  unknown: 'unknown',
}

const COLUMNS: readonly TableColumn<Row>[] = [
  { id: 'system', label: 'Server', cell: ({ system }) => system },
  { id: 'bytes', label: 'Each', end: true, cell: ({ bytes }) => formatBytes(bytes) },
  { id: 'total', label: 'In all', end: true, cell: ({ total }) => formatBytes(total) },
  { id: 'kind', label: 'Known how', cell: ({ kind }) => KINDS[kind] },
  {
    id: 'source',
    label: 'State, and who says so',
    wide: true,
    cell: ({ state, source }) => (
      <>
        <span className={styles.formula}>{state}</span>
        <span className={styles.answers}>{source}</span>
      </>
    ),
  },
]

/** What all connections together take of the server's memory, by who says so. */
export function SizeMemory({ connections }: { connections: number }) {
  const rows = CONNECTION_MEMORY.map((one) => ({
    ...one,
    total: one.bytes === null ? null : memoryOf(connections, one.bytes),
  }))
  return (
    <Card title="Memory" note={`${connections} connections on the server`} flush>
      <DataTable
        caption="Memory of connections"
        columns={COLUMNS}
        rows={rows}
        rowKey={({ system, state, kind }) => `${system} ${kind} ${state}`}
      />
    </Card>
  )
}
