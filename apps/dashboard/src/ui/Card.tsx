import type { ReactNode } from 'react'
import { cx } from '../lib/cx.ts'
import styles from './Card.module.css'

/** A titled part of a page; its heading leads to it, a landmark for each would be too many. `note` stands behind the title, `actions` at the far end of its line. */
export function Card({
  title,
  note,
  actions,
  flush = false,
  children,
  className,
}: {
  title: string
  note?: ReactNode
  actions?: ReactNode
  /** Content reaches the edges, as tables do. */
  flush?: boolean
  children: ReactNode
  className?: string | undefined
}) {
  return (
    <section className={cx(styles.card, className)}>
      <header className={styles.header}>
        <h2 className={styles.title}>{title}</h2>
        {note !== undefined && <div className={styles.note}>{note}</div>}
        {actions !== undefined && <div className={styles.actions}>{actions}</div>}
      </header>
      <div className={flush ? styles.flush : styles.body}>{children}</div>
    </section>
  )
}
