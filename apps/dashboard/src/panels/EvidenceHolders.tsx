import type { Holder } from '@poolscope/protocol'
import { formatCount, UNKNOWN } from '../lib/format.ts'
import { Card } from '../ui/Card.tsx'
import { DataTable, type TableColumn } from '../ui/DataTable.tsx'
import { StatusMark } from '../ui/StatusMark.tsx'
import {
  activityWord,
  type HolderRow,
  heldAt,
  LastStatement,
  QUIET_COLUMN,
  Stacked,
  stackUnder,
  TakenBy,
  useOpenStacks,
  WHICH_COLUMNS,
} from './HolderParts.tsx'

/** The held connections that an alert rests on, each with the code that took it and what it ran last. */
export function EvidenceHolders({ holders, untilMs }: { holders: readonly Holder[]; untilMs: number }) {
  const { open, toggle } = useOpenStacks()
  const columns: readonly TableColumn<HolderRow>[] = [
    { id: 'held', label: 'Held for', end: true, cell: ({ holder }) => heldAt(holder, untilMs) },
    QUIET_COLUMN,
    ...WHICH_COLUMNS,
    { id: 'does', label: 'Does', cell: ({ holder }) => <Does holder={holder} /> },
    {
      id: 'code',
      label: 'Taken by, and its last statement',
      wide: true,
      cell: ({ key, holder }) => (
        <TakenBy
          holder={holder}
          unsampled="code not sampled"
          open={open.has(key)}
          onToggle={() => toggle(key)}
        >
          <LastStatement text={holder.lastStatement ?? 'last statement not known'} whole />
        </TakenBy>
      ),
    },
  ]
  const rows = holders.map((holder, place) => ({
    key: `${holder.poolId} ${holder.sessionPid} ${place}`,
    holder,
  }))
  return (
    <Card title="Who holds these connections" note={formatCount(rows.length)} flush>
      <DataTable
        caption="Connections in use, longest held first"
        columns={columns}
        rows={rows}
        rowKey={({ key }) => key}
        after={(row) => stackUnder(row, open, columns.length)}
      />
    </Card>
  )
}

/** What the hold is spent on, by the server's word where no more is known: alerts that were kept may know less. */
function Does({ holder: { activity, sessionState, suspectedSinceMs, transaction } }: { holder: Holder }) {
  const known = activity !== undefined && activity !== 'unknown'
  const word = known ? activityWord(activity) : (sessionState ?? UNKNOWN)
  return (
    <Stacked detail={transaction == null ? 'transaction not known' : `transaction ${transaction}`}>
      {suspectedSinceMs != null && <StatusMark status="critical" word="leak suspected" />}
      {activity === 'blocked' ? <StatusMark status="warning" word={word} /> : <span>{word}</span>}
    </Stacked>
  )
}
