import { useId, useState } from 'react'
import { useSignIn } from '../api/session.ts'
import { useDocumentTitle } from '../lib/document-title.ts'
import { Button } from '../ui/Button.tsx'
import { Notice } from '../ui/Notice.tsx'
import styles from './SignIn.module.css'

/** Asks for the agent's token, in place of every page while the agent lets nobody in without it. */
export function SignIn() {
  const id = useId()
  const [token, setToken] = useState('')
  const { signIn, pending, error } = useSignIn()
  useDocumentTitle('Sign in')
  return (
    <Notice title="Sign in" level={1}>
      <p>
        This agent asks for its token: the value of <code>POOLSCOPE_TOKEN</code> where it was started. The
        browser keeps a session of twelve hours, not the token.
      </p>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault()
          signIn(token)
        }}
      >
        <label htmlFor={id}>Token</label>
        <div className={styles.line}>
          <input
            id={id}
            className={styles.input}
            type="password"
            autoComplete="current-password"
            required
            value={token}
            aria-invalid={error !== null}
            aria-describedby={`${id}-trouble`}
            onChange={(event) => setToken(event.target.value)}
          />
          <Button type="submit" look="primary" disabled={pending || token === ''}>
            {pending ? 'Signing in' : 'Sign in'}
          </Button>
        </div>
        <p id={`${id}-trouble`} className={styles.trouble} role="alert">
          {error !== null && (
            <>
              {error.message} <code>{error.code}</code>
            </>
          )}
        </p>
      </form>
    </Notice>
  )
}
