import { useLater } from '../lib/clock.ts'
import styles from './Skeleton.module.css'

/** Bars where rows will be, after 200 ms: what loads at once never flickers. */
export function Skeleton({ rows = 8, what }: { rows?: number; what: string }) {
  const later = useLater(200)
  return (
    <div className={styles.skeleton} aria-busy="true">
      <p className={styles.word} role="status">
        {later ? `Loading ${what}` : ''}
      </p>
      {later &&
        Array.from({ length: rows }, (_, row) => row).map((row) => <span key={row} className={styles.row} />)}
    </div>
  )
}
