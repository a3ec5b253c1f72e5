import type { ReactNode } from 'react'
import styles from './Notice.module.css'
import { type MarkStatus, StatusShape } from './StatusMark.tsx'

/** A state of a page or part that has no data to show: what is so, and what to do about it. */
export function Notice({
  status,
  title,
  level = 2,
  children,
  actions,
}: {
  status?: MarkStatus
  title: string
  level?: 1 | 2 | 3
  children?: ReactNode
  actions?: ReactNode
}) {
  const Heading = `h${level}` as const
  return (
    <div className={styles.notice} role={status === 'critical' ? 'alert' : undefined}>
      <Heading className={styles.title}>
        {status !== undefined && <StatusShape status={status} />}
        {title}
      </Heading>
      {children !== undefined && <div className={styles.text}>{children}</div>}
      {actions !== undefined && <div className={styles.actions}>{actions}</div>}
    </div>
  )
}
