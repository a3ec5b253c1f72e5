import type { ReactNode } from 'react'
import { cx } from '../lib/cx.ts'
import styles from './Stat.module.css'

/** A row of numbers that belong together, each under its name; `narrow` where half the page is theirs. */
export function Stats({ children, narrow = false }: { children: ReactNode; narrow?: boolean }) {
  return <dl className={cx(styles.stats, narrow && styles.four)}>{children}</dl>
}

/** One number with its name; `note` says what it is measured against. */
export function Stat({ name, value, note }: { name: string; value: ReactNode; note?: ReactNode }) {
  return (
    <div className={styles.stat}>
      <dt className={styles.name}>{name}</dt>
      <dd className={styles.value}>
        {value}
        <span className={styles.note}>{note}</span>
      </dd>
    </div>
  )
}
