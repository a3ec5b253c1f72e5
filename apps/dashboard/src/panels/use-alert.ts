import type { Alert } from '@poolscope/protocol'
import { useAlertQuery, useAlertsQuery } from '../api/alerts.ts'
import type { Detail } from './detail.ts'

/** One alert, in whichever state it is. One that is pending is no alert yet, and only in the list of those. */
export function useAlert(id: string): Detail<Alert> {
  const one = useAlertQuery(id)
  const pending = useAlertsQuery('pending')
  const soon = pending.data?.alerts.find((alert) => alert.id === id)
  const value = one.data ?? soon
  if (one.error?.code === 'not_found') {
    if (soon !== undefined) return { state: 'known', value: soon }
    return { state: pending.data === undefined ? 'loading' : 'gone' }
  }
  if (value !== undefined) return { state: 'known', value }
  if (one.error === null) return { state: 'loading' }
  return { state: 'failed', error: one.error, retry: () => void one.refetch() }
}
