import type { GroupDetail, History } from '@poolscope/protocol'
import { poolToReplay } from '@poolscope/sizing'
import { useCallback, useMemo, useState } from 'react'
import { tracePath } from '../api/queries.ts'
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
  const { group, pools } = detail
  const observed = group.origin === 'observed'
  const [attempt, setAttempt] = useState(0)
  const settings = useMemo(() => {
    const openedMs = history.columns.createP95Ms ?? []
    return new Map(
      pools.flatMap((pool) => {
        const from = poolToReplay(pool, openedMs)
        return from === null ? [] : [[pool.id, from] as const]
      }),
    )
  }, [pools, history])
  const request = useMemo(
    () =>
      observed
        ? null
        : {
            path: tracePath(group.id),
            pools: new Map([...settings].map(([id, { pool }]) => [id, pool])),
            attempt,
          },
    [observed, group.id, settings, attempt],
  )
  const { state, cancel } = useReplay(request)
  const again = useCallback(() => setAttempt((before) => before + 1), [])
  const { found, unread } = state
  if (unread !== null) {
    return <Without reason={`The record of its checkouts did not come: ${unread}`} again={again} />
  }
  if (found === undefined && !observed) return <Without reason="Asking for the record of its checkouts …" />
  const from = found == null ? undefined : settings.get(found.poolId)
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
