import { useState } from 'react'
import { useRetry } from '../live/hooks.ts'
import { ApiError } from './api-error.ts'
import { fetchJson } from './fetch-json.ts'

type Progress = { pending: boolean; error: ApiError | null }

/**
 * Signs the browser in with the agent's token. The token goes out once and is kept nowhere: what
 * stays is a cookie that scripts cannot read. When it worked, the page below comes back and asks again.
 * `error` says why the last try failed; null when there was none.
 */
export function useSignIn(): Progress & { signIn: (token: string) => Promise<void> } {
  const retry = useRetry()
  const [progress, setProgress] = useState<Progress>({ pending: false, error: null })
  const signIn = async (token: string) => {
    setProgress({ pending: true, error: null })
    try {
      await fetchJson('/api/v1/session', { body: { token } })
      setProgress({ pending: false, error: null })
      retry()
    } catch (cause) {
      const error =
        cause instanceof ApiError ? cause : new ApiError('unexpected_answer', String(cause), null, cause)
      setProgress({ pending: false, error })
    }
  }
  return { ...progress, signIn }
}
