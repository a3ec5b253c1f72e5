import type { ReactNode } from 'react'
import styles from './Stat.module.css'

/** A row of numbers that belong together, each under its name. */
export function Stats({ children }: { children: ReactNode }) {
  return <dl className={styles.stats}>{children}</dl>
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
