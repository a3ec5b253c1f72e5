import type { Alert } from '@poolscope/protocol'
import { useAlertQuery, useAlertsQuery } from '../api/alerts.ts'
import type { Detail } from './detail.ts'

/** One alert, in whichever state it is. One that is pending is no alert yet, and only in the list of those. */
export function useAlert(id: string): Detail<Alert> {
  const pending = useAlertsQuery('pending')
  const soon = pending.data?.alerts.find((alert) => alert.id === id)
  const one = useAlertQuery(id, !pending.isPending && soon === undefined)
  const value = soon ?? one.data
  if (value !== undefined) return { state: 'known', value }
  if (one.error === null) return { state: 'loading' }
  if (one.error.code === 'not_found') return { state: 'gone' }
  return { state: 'failed', error: one.error, retry: () => void one.refetch() }
}
