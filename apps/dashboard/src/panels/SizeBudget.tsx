import type { BudgetRow, ServerBudget } from '@poolscope/protocol'
import { Link } from 'wouter'
import { useBudgetQuery } from '../api/queries.ts'
import { formatCount } from '../lib/format.ts'
import { groupHref } from '../lib/href.ts'
import { useFleet } from '../live/hooks.ts'
import { Card } from '../ui/Card.tsx'
import { DataTable, type TableColumn } from '../ui/DataTable.tsx'
import { Select } from '../ui/Select.tsx'
import { StatusShape } from '../ui/StatusMark.tsx'
import styles from './SizeVerdict.module.css'

const COLUMNS: readonly TableColumn<BudgetRow>[] = [
  {
    id: 'pool',
    label: 'Pool',
    wide: true,
    cell: ({ groupId, service, name }) => (
      <Link href={groupHref(groupId)}>
        {service} / {name}
      </Link>
    ),
  },
  {
    id: 'instances',
    label: 'Instances',
    end: true,
    hideBelow: 'narrow',
    cell: ({ instances }) => formatCount(instances),
  },
  { id: 'max', label: 'Max', end: true, hideBelow: 'narrow', cell: ({ max }) => formatCount(max) },
  { id: 'declared', label: 'Declared', end: true, cell: ({ declared }) => formatCount(declared) },
  { id: 'inUse', label: 'In use', end: true, cell: ({ inUse }) => formatCount(inUse) },
  { id: 'open', label: 'Open', end: true, hideBelow: 'medium', cell: ({ open }) => formatCount(open) },
  { id: 'worst', label: 'At worst', end: true, hideBelow: 'narrow', cell: ({ worst }) => formatCount(worst) },
  { id: 'granted', label: 'Max to fit', end: true, cell: ({ granted }) => formatCount(granted) },
]

/** What all pools may open on one server against what it can take, now. Nothing where no server is watched. */
export function SizeBudget({ serverId, onChoose }: { serverId: string; onChoose: (id: string) => void }) {
  const { servers } = useFleet()
  const server = servers.find(({ id }) => id === serverId) ?? servers[0]
  const { data } = useBudgetQuery(server?.id ?? '', { enabled: server !== undefined })
  if (server === undefined) return null
  return (
    <Card
      title="Budget of the server"
      note="what every pool may open, now"
      actions={
        servers.length > 1 && (
          <Select
            label="Server"
            value={server.id}
            options={servers.map(({ id, name }) => ({ value: id, label: name }))}
            onChange={onChoose}
          />
        )
      }
    >
      {data === undefined ? (
        <p>Asking the agent …</p>
      ) : (
        <>
          <Sentence budget={data} />
          <DataTable caption="Budget" columns={COLUMNS} rows={data.rows} rowKey={({ groupId }) => groupId} />
        </>
      )}
    </Card>
  )
}

function Sentence({ budget }: { budget: ServerBudget }) {
  const { name, fits, worst, rollout, usable, others, unknown } = budget
  return (
    <p className={styles.sentence}>
      <StatusShape status={fits === null ? 'unknown' : fits ? 'ok' : 'critical'} />
      <span>
        If every pool on {name} filled up: <strong>{formatCount(worst)}</strong> of{' '}
        <strong>{formatCount(usable)}</strong> usable, {formatCount(others)} of them beside the pools.{' '}
        {fits === null ? 'Whether that fits is not known' : fits ? 'It fits' : 'It does not fit'}
        {unknown > 0 &&
          `: ${unknown === 1 ? 'the max of one pool is' : `the max of ${unknown} pools is`} not known`}
        .
        {rollout !== null &&
          ` While the largest is rolled out, old and new together, it is ${formatCount(rollout)}.`}
      </span>
    </p>
  )
}
