import type { FormEvent, ReactNode } from 'react'
import { Button } from './Button.tsx'
import styles from './DialogForm.module.css'
import { StatusShape } from './StatusMark.tsx'

/** The form of a dialog: what is asked for, what went wrong, and the one thing that it does beside the way out. */
export function DialogForm({
  children,
  trouble,
  action,
  ready,
  onSubmit,
  onCancel,
}: {
  children: ReactNode
  /** Why it could not be done; null while nothing went wrong. */
  trouble: string | null
  /** What the button says. */
  action: string
  /** Whether it can be pressed. */
  ready: boolean
  onSubmit: () => void
  onCancel: () => void
}) {
  const submit = (event: FormEvent) => {
    event.preventDefault()
    onSubmit()
  }
  return (
    <form className={styles.form} onSubmit={submit}>
      {children}
      {trouble !== null && (
        <p role="alert" className={styles.trouble}>
          <StatusShape status="critical" /> {trouble}
        </p>
      )}
      <div className={styles.buttons}>
        <Button look="primary" type="submit" disabled={!ready}>
          {action}
        </Button>
        <Button onClick={onCancel}>Cancel</Button>
      </div>
    </form>
  )
}
