import type { Contention, Prediction, TracedPool } from '@poolscope/sizing'
import { formatAge, formatCount, formatMs, formatRatio } from '../lib/format.ts'
import type { Recorded } from '../lib/replay-job.ts'
import { verdictOf } from '../lib/replay-words.ts'
import type { ReplayState } from '../lib/use-replay.ts'
import { Button } from '../ui/Button.tsx'
import { Card } from '../ui/Card.tsx'
import { Tag } from '../ui/Chip.tsx'
import { Meter } from '../ui/Meter.tsx'
import { StatusShape } from '../ui/StatusMark.tsx'
import { ReplayCharts } from './ReplayCharts.tsx'
import styles from './ReplayView.module.css'

/** A replay while it runs and after: how far it is, what it rests on, what it advises, and its curves. */
export function ReplayView({
  state,
  pool,
  connectAssumed,
  instances,
  onCancel,
  onAgain,
  onTry,
}: {
  state: ReplayState
  pool: TracedPool
  connectAssumed: boolean
  instances: number
  onCancel: () => void
  onAgain: () => void
  onTry: (size: number) => void
}) {
  const { phase, prediction, recorded, error } = state
  return (
    <Card
      title="By its own traffic"
      note="Replay: what was recorded, put through the pool's rules at other sizes."
      actions={
        phase === 'running' ? (
          <Button onClick={onCancel}>Cancel</Button>
        ) : (
          <Button onClick={onAgain}>Replay again</Button>
        )
      }
    >
      <Progress state={state} />
      {error !== null && (
        <p className={styles.sentence} role="alert">
          <StatusShape status="critical" />
          <span>The traffic could not be replayed: {error}.</span>
        </p>
      )}
      {prediction !== null && (
        <Result prediction={prediction} pool={pool} onTry={onTry}>
          <Evidence prediction={prediction} recorded={recorded} />
        </Result>
      )}
      <p className={styles.note}>
        {instances > 1 && `Recorded in one of ${instances} instances, the one with the longest record. `}
        Replayed with a max of {pool.size} now, {settingText(pool)}, and {formatMs(pool.connectMs)}{' '}
        {connectAssumed ? '(assumed) ' : ''}to open a connection. It knows nothing of traffic that never came.
      </p>
    </Card>
  )
}

function settingText({ acquireTimeoutMs, idleTimeoutMs }: TracedPool): string {
  const wait =
    acquireTimeoutMs === null
      ? 'callers who never give up'
      : `callers who give up after ${formatMs(acquireTimeoutMs)}`
  const idle =
    idleTimeoutMs === null
      ? 'idle connections kept'
      : `idle connections closed after ${formatMs(idleTimeoutMs)}`
  return `${wait}, ${idle}`
}

function Progress({ state: { phase, stage, ratio, prediction } }: { state: ReplayState }) {
  const text = {
    running:
      stage === 'recent'
        ? 'Reading what was recorded …'
        : prediction === null
          ? `Replaying … ${formatRatio(ratio)}`
          : `Refining with the whole record … ${formatRatio(ratio)}`,
    done: 'Everything recorded is replayed.',
    cancelled:
      prediction === null
        ? 'Cancelled before there was an answer.'
        : 'Cancelled: this is the last finished part.',
    failed: '',
  }[phase]
  return (
    <div className={styles.progress}>
      {/* Not a live region: a percentage that is read out many times a second drowns everything else. */}
      <span>{text}</span>
      {phase === 'running' && <Meter part={ratio} limit={1} />}
    </div>
  )
}

function Result({
  prediction,
  pool,
  onTry,
  children,
}: {
  prediction: Prediction
  pool: TracedPool
  onTry: (size: number) => void
  children: React.ReactNode
}) {
  const { status, sentence, reasons, size } = verdictOf(prediction, pool.size)
  return (
    <>
      <p className={styles.sentence} role="status">
        <StatusShape status={status} />
        <strong>{sentence}</strong>
      </p>
      {children}
      {reasons.length > 0 && (
        <ul className={styles.list} aria-label="Reasons">
          {reasons.map((reason) => (
            <li key={reason}>{reason}</li>
          ))}
        </ul>
      )}
      {size !== null && <Button onClick={() => onTry(size)}>Try a max of {size}</Button>}
      {prediction.sizes.length > 0 && <ReplayCharts prediction={prediction} pool={pool} advised={size} />}
    </>
  )
}

const CALLERS = {
  callers: 'chains of requests, by their ids',
  'closed loop': 'closed loop, seen in the rates',
  independent: 'independent of each other',
} as const

/** What the prediction rests on, one word each. */
function Evidence({ prediction, recorded }: { prediction: Prediction; recorded: Recorded | null }) {
  const { windowMs, checkouts, arrivalsPerSec, callers, contention, stalls, loop } = prediction
  return (
    <ul className={styles.tags} aria-label="Evidence">
      <li>
        <Tag>
          {formatCount(checkouts)} checkouts in {formatAge(windowMs)}
        </Tag>
      </li>
      <li>
        <Tag>{arrivalsPerSec.toFixed(arrivalsPerSec < 10 ? 1 : 0)}/s</Tag>
      </li>
      <li>
        <Tag>
          callers: {CALLERS[callers]}
          {loop === null ? '' : `, about ${formatCount(loop.callers)}`}
        </Tag>
      </li>
      {recorded !== null && (
        <li>
          <Tag>{recorded.callersKnown ? 'request ids known' : 'request ids not known'}</Tag>
        </li>
      )}
      <li>
        <Tag>{contentionText(contention)}</Tag>
      </li>
      <li>
        <Tag>
          {stalls === null
            ? 'no stalls seen'
            : `${stalls.count === 1 ? '1 stall' : `${formatCount(stalls.count)} stalls`}, ${formatMs(stalls.totalMs)} in all`}
        </Tag>
      </li>
    </ul>
  )
}

function contentionText(contention: Contention): string {
  const z = contention.z === null ? '' : `, z ${contention.z.toFixed(1)}`
  if (contention.verdict === 'not identifiable') return `${NOT_IDENTIFIABLE[contention.reason]}${z}`
  return contention.verdict === 'none' ? `no contention seen${z}` : `contention found${z}`
}

const NOT_IDENTIFIABLE = {
  saturated: 'saturated: contention not identifiable',
  few: 'contention not identifiable, too few',
  many: 'contention not identifiable, too many at once',
} as const
