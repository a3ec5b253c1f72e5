import { type FormEvent, useId, useState } from 'react'
import { Button } from '../ui/Button.tsx'
import { Notice } from '../ui/Notice.tsx'
import styles from './SignIn.module.css'

/** Asks for the agent's token. `onSubmit` resolves with what went wrong, in words, or null. */
export function SignIn({ onSubmit }: { onSubmit: (token: string) => Promise<string | null> }) {
  const id = useId()
  const [token, setToken] = useState('')
  const [busy, setBusy] = useState(false)
  const [trouble, setTrouble] = useState<string | null>(null)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    onSubmit(token).then((wrong) => {
      setBusy(false)
      setTrouble(wrong)
    })
  }
  return (
    <Notice title="Sign in" level={1}>
      <p>
        This agent asks for its token: the value of <code>POOLSCOPE_TOKEN</code> where it was started. The
        browser keeps a session of twelve hours, not the token.
      </p>
      <form className={styles.form} onSubmit={submit}>
        <label htmlFor={id}>Token</label>
        <div className={styles.line}>
          <input
            id={id}
            className={styles.input}
            type="password"
            autoComplete="current-password"
            required
            value={token}
            aria-invalid={trouble !== null}
            aria-describedby={`${id}-trouble`}
            onChange={(event) => setToken(event.target.value)}
          />
          <Button type="submit" look="primary" disabled={busy || token === ''}>
            {busy ? 'Signing in' : 'Sign in'}
          </Button>
        </div>
        <p id={`${id}-trouble`} className={styles.trouble} role="alert">
          {trouble}
        </p>
      </form>
    </Notice>
  )
}
