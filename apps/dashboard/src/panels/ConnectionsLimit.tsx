import type { ServerNow } from '@poolscope/protocol'
import { formatCount, formatRatio } from '../lib/format.ts'
import styles from './ConnectionsLimit.module.css'

const STATES = [
  { key: 'active', name: 'active' },
  { key: 'idleInTransaction', name: 'idle in transaction' },
  { key: 'idle', name: 'idle' },
  { key: 'other', name: 'other' },
] as const

/** Connections by state on a line as long as `max_connections`, with the slots that are reserved marked. */
export function ConnectionsLimit({
  server,
}: {
  server: Pick<ServerNow, 'maxConnections' | 'reservedConnections' | 'connections' | 'usedRatio'>
}) {
  const { maxConnections: max, reservedConnections: reserved, connections, usedRatio } = server
  const share = (part: number | null) => (part === null || max === null ? 0 : (part / max) * 100)
  const usable = max === null || reserved === null ? null : max - reserved
  if (connections.total === null) {
    return <p className={styles.unknown}>How many connections it has is not known.</p>
  }
  return (
    <figure className={styles.figure}>
      <div className={styles.line}>
        <div className={styles.track} aria-hidden="true">
          {STATES.map(({ key }) => (
            <span key={key} className={styles[key]} style={{ width: `${share(connections[key])}%` }} />
          ))}
          {reserved !== null && reserved > 0 && (
            <span className={styles.reserved} style={{ width: `${share(reserved)}%` }} />
          )}
        </div>
      </div>
      <figcaption className={styles.legend}>
        {STATES.map(({ key, name }) => (
          <span key={key} className={styles.item}>
            <span className={`${styles.swatch} ${styles[key]}`} aria-hidden="true" />
            {name} <strong>{formatCount(connections[key])}</strong>
          </span>
        ))}
        {reserved !== null && (
          <span className={styles.item}>
            <span className={`${styles.swatch} ${styles.reserved}`} aria-hidden="true" />
            reserved <strong>{formatCount(reserved)}</strong>
          </span>
        )}
        <span className={styles.total}>
          <strong>{formatCount(connections.total)}</strong> of {formatCount(usable ?? max)} usable
          {usedRatio !== null && ` · ${formatRatio(usedRatio)}`}
          {usable !== null && `, max ${formatCount(max)}`}
        </span>
      </figcaption>
    </figure>
  )
}
