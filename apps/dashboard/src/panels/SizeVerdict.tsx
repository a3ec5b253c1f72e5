import { adviseMax, type BoundCode, type Prediction, warnOfSize } from '@poolscope/sizing'
import { formatCount, formatMs, formatRatio, UNKNOWN } from '../lib/format.ts'
import type { PoolFacts } from '../lib/size-measured.ts'
import type { SizeAnswer, SizePoint } from '../lib/size-model.ts'
import { Card } from '../ui/Card.tsx'
import { Notice } from '../ui/Notice.tsx'
import { Stat, Stats } from '../ui/Stat.tsx'
import { StatusShape } from '../ui/StatusMark.tsx'
import type { Replayed } from './SizeReplay.tsx'
import styles from './SizeVerdict.module.css'

/** What decides, in a word or two. */
const BOUND_NAMES: Readonly<Record<BoundCode, string>> = {
  cores: 'cores and disks',
  wait: 'cores and waiting',
  share: 'the server’s limit',
  deadlock: 'nested checkouts',
  traffic: 'the traffic',
  replay: 'its own traffic',
}

/** "What should I set, and why?" */
export function SizeVerdict({
  answer,
  facts,
  wrong,
  replayed,
  asksOther,
  coresAssumed,
}: {
  answer: SizeAnswer
  facts: PoolFacts | null
  /** Names of the fields whose numbers are wrong, and so left out. */
  wrong: readonly string[]
  /** What the replay of the loaded pool found; null without one. */
  replayed: Replayed | null
  /** Other traffic is asked for than what was replayed. */
  asksOther: boolean
  /** Nobody said how many cores there are. */
  coresAssumed: boolean
}) {
  const { recommendation, refused, chosen, curve, paste } = answer
  if (refused !== null) {
    return (
      <Notice status="critical" title="These numbers contradict each other">
        <p>{refused}.</p>
      </Notice>
    )
  }
  if (recommendation === null && chosen === null) {
    return (
      <Notice title="Nothing bounds the size yet">
        <p>
          Give the <strong>cores</strong> of the database, or its <strong>max_connections</strong>, or how
          often a connection is asked for (<strong>checkouts</strong>) and how long it is held (
          <strong>mean hold</strong>).
        </p>
        {wrong.length > 0 && <p>Left out, because wrong: {wrong.join(', ')}.</p>}
      </Notice>
    )
  }
  const point = curve?.points.find(({ size }) => size === chosen) ?? null
  const relied = replayed !== null && replayed.advises !== null && !asksOther
  const asRecorded = relied ? replayed.sizes.find(({ size }) => size === chosen) : undefined
  const problem = recommendation?.problem ?? null
  const tried = recommendation !== null && chosen !== null && chosen !== recommendation.max
  return (
    <Card title={tried ? 'Answer, and what you try' : 'Answer'}>
      {recommendation !== null && (
        <p className={styles.sentence} role="status">
          <StatusShape
            status={problem === null ? 'ok' : problem === 'needs_more_than_cores' ? 'warning' : 'critical'}
          />
          <span>
            <strong>{recommendation.reason}</strong>
          </span>
        </p>
      )}
      {wrong.length > 0 && (
        <p className={styles.wrong}>
          <StatusShape status="warning" />
          <span>Left out, because wrong: {wrong.join(', ')}.</span>
        </p>
      )}
      {replayed?.advises === null && !asksOther && (
        <p className={styles.wrong}>
          <StatusShape status="warning" />
          <span>
            This is the model’s answer: the replay of its own traffic advises no size, and says why below.
          </span>
        </p>
      )}
      <Stats narrow>
        <Stat
          name="Max"
          value={formatCount(chosen)}
          note={tried ? `advised ${recommendation.max}` : 'each instance'}
        />
        <Stat name="Min" value={formatCount(paste?.min ?? null)} note="each instance" />
        <Stat name="In all" value={formatCount(paste?.total ?? null)} note={usableNote(answer)} />
        <Stat
          name="Decided by"
          value={
            <span className={styles.word}>
              {recommendation === null ? '—' : BOUND_NAMES[recommendation.binding]}
            </span>
          }
        />
        <Stat name="Busy on average" value={curve === null ? '—' : digits(curve.busy)} note="each instance" />
        <Predicted point={point} asRecorded={asRecorded} />
      </Stats>
      <Remarks
        answer={answer}
        facts={facts}
        unused={asksOther ? (replayed?.advises ?? null) : null}
        coresAssumed={coresAssumed}
      />
    </Card>
  )
}

/** What is predicted of the size that is looked at: by the replay where it tried that one, else by the model. */
function Predicted({
  point,
  asRecorded,
}: {
  point: SizePoint | null
  asRecorded: Prediction['sizes'][number] | undefined
}) {
  if (asRecorded === undefined) {
    return (
      <>
        <Stat name="Utilization" value={formatRatio(point?.utilization)} note="of max" />
        <Stat name="Wait, p99" value={waitOf(point)} note="by the model" />
        <Stat name="Time-outs" value={formatRatio(point?.timeouts)} note="of checkouts" />
      </>
    )
  }
  const { identifiable, utilizationRatio, waitMs, timeoutRatio } = asRecorded
  const known = identifiable && waitMs !== null
  return (
    <>
      <Stat name="Utilization" value={known ? formatRatio(utilizationRatio) : UNKNOWN} note="of max" />
      <Stat
        name="Wait, p99"
        value={known ? formatMs(waitMs.p99) : UNKNOWN}
        note={known ? 'by the replay' : 'not identifiable'}
      />
      <Stat name="Time-outs" value={known ? formatRatio(timeoutRatio) : UNKNOWN} note="of checkouts" />
    </>
  )
}

function waitOf(point: SizePoint | null): string {
  if (point === null) return '—'
  return point.p99 === null ? 'grows' : formatMs(point.p99)
}

function usableNote({ recommendation }: SizeAnswer): string {
  const share = recommendation?.bounds.find(({ code }) => code === 'share')
  return share?.total === undefined || share.total === null ? 'all instances' : `of ${share.total} usable`
}

const ADVICE = {
  raise: 'Callers waited longer than 100 ms at p95: “Connection Patterns” would raise max.',
  lower: 'More than half of its connections were idle on average: “Connection Patterns” would lower max.',
  keep: 'Callers did not wait for long, and connections were used: “Connection Patterns” would keep max.',
} as const
const WARNINGS = {
  too_small:
    'Two connections and fewer are what the guides call too small: one slow caller keeps half of it.',
  too_large: 'A thousand connections and more are what the guides call too large: they exhaust a server.',
} as const

function Remarks({
  answer,
  facts,
  unused,
  coresAssumed,
}: {
  answer: SizeAnswer
  facts: PoolFacts | null
  /** What the replay advises for the traffic as it was, where other traffic is asked for; null otherwise. */
  unused: number | null
  coresAssumed: boolean
}) {
  const { recommendation, chosen } = answer
  const advice = facts === null ? null : adviseMax(facts.waitMs, facts.idleRatio)
  const warning = chosen === null ? null : warnOfSize(chosen)
  const changes = recommendation?.changes ?? []
  const assumed = recommendation?.assumed ?? []
  const remarks = [
    ...(coresAssumed && recommendation?.problem === 'needs_more_than_cores'
      ? ['How many cores the database has is assumed: give their number, and the warning may go.']
      : []),
    ...(warning === null ? [] : [WARNINGS[warning]]),
    ...(unused === null
      ? []
      : [
          `For the traffic as it was recorded the replay advises ${unused}; you ask for other traffic, so a model answers.`,
        ]),
    ...(facts?.maxNow == null ? [] : [`Each instance of ${facts.name} is set to ${facts.maxNow} now.`]),
    ...(advice === null ? [] : [ADVICE[advice]]),
    ...(assumed.length > 0 ? [`Assumed: ${assumed.join('; ')}.`] : []),
  ]
  return (
    <>
      {remarks.length > 0 && (
        <ul className={styles.list}>
          {remarks.map((remark) => (
            <li key={remark}>{remark}</li>
          ))}
        </ul>
      )}
      {changes.length > 0 && (
        <>
          <h3 className={styles.head}>What would change the answer</h3>
          <ul className={styles.list}>
            {changes.map((change) => (
              <li key={change}>{change}</li>
            ))}
          </ul>
        </>
      )}
    </>
  )
}

function digits(value: number): string {
  return String(Number(value.toPrecision(3)))
}
