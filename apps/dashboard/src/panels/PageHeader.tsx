import type { ReactNode } from 'react'
import { Link } from 'wouter'
import { type MarkStatus, STATUS_WORDS, StatusShape } from '../ui/StatusMark.tsx'
import styles from './PageHeader.module.css'

/** The head of a page about one thing: the way back, its name, and its verdict in a sentence. */
export function PageHeader({
  back,
  title,
  tags,
  status,
  word = STATUS_WORDS[status],
  verdict,
  actions,
}: {
  back: { href: string; name: string }
  title: ReactNode
  tags?: ReactNode
  status: MarkStatus
  /** In place of the word of the status. */
  word?: string
  verdict: ReactNode
  actions?: ReactNode
}) {
  return (
    <header className={styles.header}>
      <div className={styles.line}>
        <h1 className={styles.title}>
          <Link href={back.href} className={styles.back}>
            {back.name}
          </Link>
          <span className={styles.slash} aria-hidden="true">
            /
          </span>
          <span className={styles.name}>{title}</span>
        </h1>
        {tags}
      </div>
      <p className={styles.verdict}>
        <StatusShape status={status} />
        <strong className={styles.word}>{word}</strong>
        <span>{verdict}</span>
      </p>
      {actions !== undefined && <div className={styles.actions}>{actions}</div>}
    </header>
  )
}
