import type { GroupDetail, History } from '@poolscope/protocol'
import { poolToReplay } from '@poolscope/sizing'
import { useMemo } from 'react'
import { useTraceQuery } from '../api/queries.ts'
import { whyNoTrace } from '../lib/replay-words.ts'
import { useReplay } from '../lib/use-replay.ts'
import { Button } from '../ui/Button.tsx'
import { Card } from '../ui/Card.tsx'
import { ReplayView } from './ReplayView.tsx'

/** "What does this pool's own traffic say?" Replays what its probe recorded through other sizes. */
export function SizeReplay({
  detail,
  history,
  onTry,
}: {
  detail: GroupDetail
  history: History
  onTry: (size: number) => void
}) {
  const { group } = detail
  const observed = group.origin === 'observed'
  const trace = useTraceQuery(group.id, { enabled: !observed })
  const packed = trace.data ?? null
  const from = useMemo(() => {
    const recorded = detail.pools.find(({ id }) => id === packed?.poolId)
    return recorded === undefined ? null : poolToReplay(recorded, history.columns.createP95Ms ?? [])
  }, [detail, history, packed])
  const missing = trace.error?.code === 'not_found' || observed
  const why = packed !== null || missing ? whyNoTrace(group, from?.pool.size ?? null, packed) : null
  const request = useMemo(
    () => (packed === null || from === null || why !== null ? null : { packed, pool: from.pool }),
    [packed, from, why],
  )
  const { state, cancel } = useReplay(request)
  const again = () => {
    trace.refetch()
  }
  if (why !== null) return <Without reason={why} {...(missing ? {} : { again })} />
  if (trace.error !== null) {
    return (
      <Without reason={`The record of its checkouts did not come: ${trace.error.message}`} again={again} />
    )
  }
  if (request === null || from === null) return <Without reason="Asking for the record of its checkouts …" />
  return (
    <ReplayView
      state={state}
      pool={from.pool}
      connectAssumed={from.connectAssumed}
      instances={group.instances}
      onCancel={cancel}
      onAgain={again}
      onTry={onTry}
    />
  )
}

const TITLE = 'By its own traffic'

function Without({ reason, again }: { reason: string; again?: () => void }) {
  return (
    <Card title={TITLE}>
      <p>{reason}</p>
      {again !== undefined && <Button onClick={again}>Look again</Button>}
    </Card>
  )
}
