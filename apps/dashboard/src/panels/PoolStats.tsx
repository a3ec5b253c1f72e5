import type { GroupNow, PoolNow } from '@poolscope/protocol'
import { formatAge, formatCount, formatMs, formatRate, formatRatio } from '../lib/format.ts'
import { Stat, Stats } from '../ui/Stat.tsx'
import styles from './PoolStats.module.css'

/** The numbers of this moment, and the age of them where they stopped. */
export function PoolStats({ subject, atMs }: { subject: PoolNow | GroupNow; atMs: number }) {
  const { inUse, max, idle, connecting, waiting, waitMs, holdMs, utilizationRatio } = subject
  const ageMs = Math.max(0, atMs - subject.atMs)
  return (
    <div className={subject.stale ? styles.old : undefined}>
      {subject.stale && (
        <p className={styles.age}>Last reported {formatAge(ageMs)} ago. These are the last known numbers.</p>
      )}
      <Stats>
        <Stat
          name="In use"
          value={formatCount(inUse)}
          note={max === null ? 'max not known' : `of ${formatCount(max)} · ${formatRatio(utilizationRatio)}`}
        />
        <Stat
          name="Idle"
          value={formatCount(idle)}
          note={connecting === null || connecting === 0 ? undefined : `${formatCount(connecting)} connecting`}
        />
        <Stat
          name="Waiting"
          value={formatCount(waiting)}
          note={subject.oldestWaitMs === null ? undefined : `oldest ${formatMs(subject.oldestWaitMs)}`}
        />
        <Stat
          name="Wait p99"
          value={formatMs(waitMs.p99)}
          note={waitMs.p50 === null ? undefined : `p50 ${formatMs(waitMs.p50)}`}
        />
        <Stat
          name="Hold p99"
          value={formatMs(holdMs.p99)}
          note={holdMs.p50 === null ? undefined : `p50 ${formatMs(holdMs.p50)}`}
        />
        <Stat name="Checkouts" value={formatRate(subject.checkoutsPerSec)} />
        <Stat name="Time-outs" value={formatRate(subject.timeoutsPerSec)} />
        <Stat name="Errors" value={formatRate(subject.errorsPerSec)} />
      </Stats>
    </div>
  )
}
