import type { CSSProperties } from 'react'
import styles from './Meter.module.css'

const percent = (part: number, whole: number) => `${Math.min(100, Math.max(0, (part / whole) * 100))}%`

/**
 * A bar of how much of a limit is taken. The numbers belong next to it, so it is hidden from those
 * who do not see it. An unknown part or limit leaves an empty, dashed bar. It is painted as a background, so that
 * a new number paints again without laying out anything.
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
  const ends = {
    '--part': percent(part, limit),
    '--more': percent(more === null ? part : part + more, limit),
  } as CSSProperties
  return <span className={`${styles.meter} ${styles[tone]}`} style={ends} aria-hidden="true" />
}
