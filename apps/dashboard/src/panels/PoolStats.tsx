import type { GroupNow, PoolNow } from '@poolscope/protocol'
import { formatAge, formatCount, formatMs, formatRate, formatRatio } from '../lib/format.ts'
import { type Moving, useMoving } from '../lib/moving.ts'
import { MovingText } from '../ui/MovingText.tsx'
import { Stat, Stats } from '../ui/Stat.tsx'
import styles from './PoolStats.module.css'

type Subject = PoolNow | GroupNow

const NUMBERS: readonly { name: string; value: (of: Subject) => string; note?: (of: Subject) => string }[] = [
  {
    name: 'In use',
    value: ({ inUse }) => formatCount(inUse),
    note: ({ max, utilizationRatio }) =>
      max === null ? 'max not known' : `of ${formatCount(max)} · ${formatRatio(utilizationRatio)}`,
  },
  {
    name: 'Idle',
    value: ({ idle }) => formatCount(idle),
    note: ({ connecting }) =>
      connecting === null || connecting === 0 ? '' : `${formatCount(connecting)} connecting`,
  },
  {
    name: 'Waiting',
    value: ({ waiting }) => formatCount(waiting),
    note: ({ oldestWaitMs }) => (oldestWaitMs === null ? '' : `oldest ${formatMs(oldestWaitMs)}`),
  },
  {
    name: 'Wait p99',
    value: ({ waitMs }) => formatMs(waitMs.p99),
    note: ({ waitMs }) => (waitMs.p50 === null ? '' : `p50 ${formatMs(waitMs.p50)}`),
  },
  {
    name: 'Hold p99',
    value: ({ holdMs }) => formatMs(holdMs.p99),
    note: ({ holdMs }) => (holdMs.p50 === null ? '' : `p50 ${formatMs(holdMs.p50)}`),
  },
  { name: 'Checkouts', value: ({ checkoutsPerSec }) => formatRate(checkoutsPerSec) },
  { name: 'Time-outs', value: ({ timeoutsPerSec }) => formatRate(timeoutsPerSec) },
  { name: 'Errors', value: ({ errorsPerSec }) => formatRate(errorsPerSec) },
]

/** The numbers of this moment, and the age of them where they stopped. */
export function PoolStats({ of }: { of: Moving<{ subject: Subject; atMs: number }> }) {
  const stale = useMoving(of, ({ subject }) => subject.stale)
  return (
    <div className={stale ? styles.old : undefined}>
      {stale && (
        <p className={styles.age}>
          Last reported{' '}
          <MovingText of={of} text={({ subject, atMs }) => formatAge(Math.max(0, atMs - subject.atMs))} />{' '}
          ago. These are the last known numbers.
        </p>
      )}
      <Stats>
        {NUMBERS.map(({ name, value, note }) => (
          <Stat
            key={name}
            name={name}
            value={<MovingText of={of} text={({ subject }) => value(subject)} />}
            note={note && <MovingText of={of} text={({ subject }) => note(subject)} />}
          />
        ))}
      </Stats>
    </div>
  )
}
