import styles from './Meter.module.css'

/** What a meter shows. */
export type MeterLook = {
  part: number | null
  /** A second, lighter piece behind the first, such as what is open but idle. */
  more?: number | null
  limit: number | null
  tone?: 'used' | 'warning' | 'critical' | 'stale'
}

/**
 * A bar of how much of a limit is taken. The numbers belong next to it, so it is hidden from those
 * who do not see it. An unknown part or limit leaves an empty, dashed bar. It is painted as a background, so that
 * a new number paints again without laying out anything.
 */
export function Meter(look: MeterLook) {
  const { className, backgroundSize } = drawn(look)
  return <span className={className} style={{ backgroundSize }} aria-hidden="true" />
}

/** Makes an element the bar that {@link Meter} is. */
export function paintMeter(meter: HTMLElement, look: MeterLook): void {
  const { className, backgroundSize } = drawn(look)
  if (meter.className !== className) meter.className = className
  meter.style.backgroundSize = backgroundSize
}

/** The sizes of both pieces, and no variables of the style: those cost several times as much at each change. */
function drawn({ part, more = null, limit, tone = 'used' }: MeterLook) {
  if (part === null || limit === null || limit <= 0) {
    return { className: `${styles.meter} ${styles.unknown}`, backgroundSize: '' }
  }
  const both = percent(more === null ? part : part + more, limit)
  return {
    className: `${styles.meter} ${styles[tone]}`,
    backgroundSize: `${percent(part, limit)} 100%, ${both} 100%`,
  }
}

function percent(part: number, whole: number): string {
  return `${Math.min(100, Math.max(0, (part / whole) * 100))}%`
}
