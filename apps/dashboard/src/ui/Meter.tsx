import styles from './Meter.module.css'

const percent = (part: number, whole: number) => `${Math.min(100, Math.max(0, (part / whole) * 100))}%`

/**
 * A bar of how much of a limit is taken. The numbers belong next to it, so it is hidden from those
 * who do not see it. An unknown part or limit leaves an empty, dashed bar.
 */
export function Meter({
  part,
  more = null,
  limit,
  tone = 'used',
}: {
  part: number | null
  /** A second, lighter piece behind the first, such as what is open but idle. */
  more?: number | null
  limit: number | null
  tone?: 'used' | 'warning' | 'critical' | 'stale'
}) {
  if (part === null || limit === null || limit <= 0) {
    return <span className={`${styles.meter} ${styles.unknown}`} aria-hidden="true" />
  }
  return (
    <span className={styles.meter} aria-hidden="true">
      <span className={`${styles.part} ${styles[tone]}`} style={{ width: percent(part, limit) }} />
      {more !== null && <span className={styles.more} style={{ width: percent(more, limit) }} />}
    </span>
  )
}
