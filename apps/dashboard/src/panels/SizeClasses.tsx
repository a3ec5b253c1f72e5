import {
  GUIDES,
  type Guide as GuideId,
  KIND_CLASSES,
  type KindClass,
  SIZE_CLASSES,
  type SizeClass,
} from '@poolscope/sizing'
import { formatAge } from '../lib/format.ts'
import { Card } from '../ui/Card.tsx'
import { Tag } from '../ui/Chip.tsx'
import { DataTable, type TableColumn } from '../ui/DataTable.tsx'
import styles from './SizeClasses.module.css'

type Row = SizeClass & { holds: boolean }

const COLUMNS: readonly TableColumn<Row>[] = [
  { id: 'app', label: 'Application', cell: ({ app }) => app },
  {
    id: 'size',
    label: 'Connections',
    end: true,
    cell: ({ min, max, holds }) => (
      <>
        {holds && <Tag>yours</Tag>} {min} to {max}
      </>
    ),
  },
  { id: 'per', label: 'Per', cell: ({ per }) => per },
  { id: 'note', label: 'Adds', hideBelow: 'medium', cell: ({ note }) => note ?? '' },
  { id: 'guide', label: 'Guide', wide: true, cell: ({ guide }) => <Guide guide={guide} /> },
]

const KINDS: Readonly<Record<KindClass['kind'], string>> = {
  database: 'PostgreSQL, MySQL, MongoDB',
  redis: 'Redis',
  http: 'HTTP',
  grpc: 'gRPC',
}
const range = ([from, to]: readonly [number, number], show: (value: number) => string = String) =>
  from === to ? show(from) : `${show(from)} to ${show(to)}`

const KIND_COLUMNS: readonly TableColumn<KindClass>[] = [
  { id: 'kind', label: 'Kind of pool', cell: ({ kind }) => KINDS[kind] },
  { id: 'max', label: 'Max', end: true, cell: ({ max }) => range(max) },
  { id: 'min', label: 'Min', end: true, cell: ({ min }) => range(min) },
  {
    id: 'idle',
    label: 'Idle time-out',
    end: true,
    cell: ({ idleTimeoutMs }) => range(idleTimeoutMs, formatAge),
  },
  { id: 'guide', label: 'Guide', wide: true, cell: ({ guide }) => <Guide guide={guide} /> },
]

/** What the guides advise by size of application and by kind of pool, each under its own name. */
export function SizeClasses({ chosen }: { chosen: number | null }) {
  const rows = SIZE_CLASSES.map((one) => ({
    ...one,
    holds: chosen !== null && chosen >= one.min && chosen <= one.max,
  }))
  return (
    <div className={styles.stack}>
      <Card title="What guides say by size" note="they disagree; test under your own load" flush>
        <DataTable
          caption="Sizes by application"
          columns={COLUMNS}
          rows={rows}
          rowKey={({ guide, app }) => `${guide} ${app}`}
        />
      </Card>
      <Card title="What guides say by kind" flush>
        <DataTable
          caption="Sizes by kind of pool"
          columns={KIND_COLUMNS}
          rows={KIND_CLASSES}
          rowKey={({ kind }) => kind}
        />
      </Card>
    </div>
  )
}

function Guide({ guide }: { guide: GuideId }) {
  return <span className={styles.guide}>{GUIDES[guide]}</span>
}
