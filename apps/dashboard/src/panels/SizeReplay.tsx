import type { GroupDetail, History } from '@poolscope/protocol'
import type { Prediction } from '@poolscope/sizing'
import { useCallback, useEffect, useMemo, useState } from 'react'
import { poolsToReplay, settingsOf } from '../lib/pools-to-replay.ts'
import { verdictOf, whyNoTrace } from '../lib/replay-words.ts'
import { useReplay } from '../lib/use-replay.ts'
import { Button } from '../ui/Button.tsx'
import { Card } from '../ui/Card.tsx'
import { ReplayView } from './ReplayView.tsx'

/** What a replay found: the size that it advises, null where it cannot tell, and every size that it tried. */
export type Replayed = { advises: number | null; sizes: Prediction['sizes'] }

/** "What does this pool's own traffic say?" Replays what its probe recorded through other sizes. */
export function SizeReplay({
  groupId,
  source,
  onReplayed,
  onTry,
}: {
  groupId: string
  /** Null while it is not known yet: the record is read by then. */
  source: { detail: GroupDetail; history: History } | null
  /** Is told what was found, and null while there is nothing. */
  onReplayed: (replayed: Replayed | null) => void
  onTry: (size: number) => void
}) {
  const [attempt, setAttempt] = useState(0)
  const pools = useMemo(() => (source === null ? null : poolsToReplay(source)), [source])
  const observed = source?.detail.group.origin === 'observed'
  const wish = useMemo(() => {
    return pools === null ? null : { pools: settingsOf(pools), attempt }
  }, [pools, attempt])
  const { state, cancel } = useReplay(observed ? null : groupId, wish)
  const again = useCallback(() => setAttempt((before) => before + 1), [])
  const { found, unread, prediction } = state
  const present = found == null ? undefined : pools?.get(found.poolId)?.pool.size
  useEffect(() => {
    if (prediction === null || present === undefined) return
    onReplayed({ advises: verdictOf(prediction, present).size, sizes: prediction.sizes })
    return () => onReplayed(null)
  }, [onReplayed, prediction, present])
  if (source === null || pools === null) return null
  const { group } = source.detail
  if (unread !== null) {
    return <Without reason={`The record of its checkouts did not come: ${unread}`} again={again} />
  }
  if (found === undefined && !observed) return <Without reason="Asking for the record of its checkouts …" />
  const from = found == null ? undefined : pools.get(found.poolId)
  const why = whyNoTrace(group, from?.pool.size ?? null, found?.windows ?? null)
  if (why !== null) return <Without reason={why} {...(found == null ? {} : { again })} />
  if (from === undefined) return null
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
