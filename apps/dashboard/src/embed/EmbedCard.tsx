import type { GroupNow } from '@poolscope/protocol'
import { sparkPath } from '../charts/spark-path.ts'
import { formatCount, formatMs, formatTime, timeZoneName, UNKNOWN } from '../lib/format.ts'
import { groupHref } from '../lib/href.ts'
import { Icon } from '../ui/icons.tsx'
import { Meter } from '../ui/Meter.tsx'
import { STATUS_WORDS, StatusShape } from '../ui/StatusMark.tsx'
import styles from './EmbedCard.module.css'
import { useGroupNow } from './use-group-now.ts'

const SPARK = { width: 336, height: 24 }

/** One pool group on 360 × 120 pixels, for a frame in another site. It has no controls but the way to Poolscope. */
export function EmbedCard({ groupId, token }: { groupId: string; token: string | null }) {
  const { group, spark, error } = useGroupNow(groupId, token)
  const status = group === null ? 'unknown' : error === null ? group.status : 'stale'
  const title = group === null ? 'Pool' : `${group.service} / ${group.name}`
  return (
    <main className={styles.card}>
      <header className={styles.head}>
        <StatusShape status={status} />
        <h1 className={styles.name} title={title}>
          {title}
        </h1>
        <span className={styles.word}>{STATUS_WORDS[status]}</span>
        <a className={styles.open} href={groupHref(groupId)} target="_blank" rel="noopener">
          Open<span className="spoken"> in Poolscope, in a new tab</span>
          <Icon name="forward" />
        </a>
      </header>
      {group === null && (
        <p className={styles.note}>{error === null ? 'Loading …' : sentenceOf(error.code)}</p>
      )}
      {group !== null && (
        <>
          <Numbers group={group} old={error !== null} />
          <svg
            className={styles.spark}
            viewBox={`0 -1 ${SPARK.width} ${SPARK.height + 2}`}
            preserveAspectRatio="none"
            aria-hidden="true"
          >
            <path
              d={spark === null ? '' : sparkPath(spark, topOf(group, spark), SPARK.width, SPARK.height)}
            />
          </svg>
          <p className={styles.foot}>
            <span>In use, 5 min</span>
            <span>
              {error !== null && `${sentenceOf(error.code)} Last known: `}
              {formatTime(group.atMs)} {timeZoneName(group.atMs)}
            </span>
          </p>
        </>
      )}
    </main>
  )
}

function Numbers({ group, old }: { group: GroupNow; old: boolean }) {
  const { inUse, idle, max, waiting, waitMs } = group
  const full = inUse !== null && max !== null && inUse >= max
  return (
    <div className={styles.numbers}>
      <Meter
        part={inUse}
        more={idle}
        limit={max}
        tone={old || group.stale ? 'stale' : full ? 'critical' : 'used'}
      />
      <dl className={styles.facts}>
        <div>
          <dt className="spoken">In use</dt>
          <dd>
            <strong>{formatCount(inUse)}</strong>/{formatCount(max)}
          </dd>
        </div>
        <div>
          <dt>waiting</dt>
          <dd>
            <strong>{formatCount(waiting)}</strong>
          </dd>
        </div>
        <div>
          <dt>wait p99</dt>
          <dd>
            <strong>{waitMs.p99 === null ? UNKNOWN : formatMs(waitMs.p99)}</strong>
          </dd>
        </div>
      </dl>
    </div>
  )
}

function topOf({ max }: GroupNow, spark: Float32Array): number {
  return max !== null && max > 0 ? max : Math.max(1, ...spark.filter((value) => value > 0))
}

function sentenceOf(code: string): string {
  switch (code) {
    case 'unauthorized':
      return 'This link has expired: open Poolscope and make a new one.'
    case 'not_found':
      return 'Poolscope does not know this pool any more.'
    default:
      return 'Poolscope does not answer.'
  }
}
