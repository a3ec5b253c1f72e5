import type { Alert } from '@poolscope/protocol'
import { useAlertsQuery } from '../api/alerts.ts'
import type { Detail } from './detail.ts'

/** One alert, in whichever state it is. */
export function useAlert(id: string): Detail<{ alert: Alert; atMs: number }> {
  const answers = [useAlertsQuery('firing'), useAlertsQuery('pending'), useAlertsQuery('resolved')]
  for (const { data } of answers) {
    const alert = data?.alerts.find((one) => one.id === id)
    if (alert !== undefined && data !== undefined)
      return { state: 'known', value: { alert, atMs: data.atMs } }
  }
  const failed = answers.find(({ data, error }) => data === undefined && error !== null)
  if (failed?.error != null) {
    const retry = () => {
      for (const answer of answers) void answer.refetch()
    }
    return { state: 'failed', error: failed.error, retry }
  }
  return { state: answers.some(({ data }) => data === undefined) ? 'loading' : 'gone' }
}
