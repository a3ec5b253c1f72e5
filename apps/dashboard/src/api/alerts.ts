import type {
  Advice,
  Alert,
  AlertState,
  Alerts,
  BlackBox,
  Cause,
  Silence,
  SilenceRequest,
  Silences,
} from '@poolscope/protocol'
import { type UseMutationResult, useMutation, useQueryClient } from '@tanstack/react-query'
import { usePause } from '../live/hooks.ts'
import type { ApiError } from './api-error.ts'
import { fetchJson } from './fetch-json.ts'
import { type Answer, useAgentQuery } from './queries.ts'

/** What fires changes by the second; what is over does not. */
const EVERY_MS: Readonly<Record<AlertState, number>> = { firing: 2000, pending: 2000, resolved: 10_000 }
/** Silences end by the minute. */
const SILENCES_EVERY_MS = 5000
/** Advice is read, not watched. */
const ADVICE_EVERY_MS = 10_000

/** A verdict is a sentence: oftener than this it would change under the reader's eyes. */
const CAUSE_EVERY_MS = 5000

const ALERTS = '/api/v1/alerts'
const SILENCES = '/api/v1/silences'

/** Asks again and again, but not on a page that is held still. */
export function useFollowed<T>(path: string, everyMs: number, enabled = true): Answer<T> {
  const { paused } = usePause()
  return useAgentQuery<T>(path, paused ? { enabled } : { enabled, everyMs })
}

/** The alerts of one state, those that fire worst first, those that are over newest first. */
export function useAlertsQuery(state: AlertState): Answer<Alerts> {
  return useFollowed(`${ALERTS}?state=${state}`, EVERY_MS[state])
}

/** One alert that fires or is over; the error's code is `not_found` when there is none, or it is pending. */
export function useAlertQuery(id: string, enabled: boolean): Answer<Alert> {
  return useFollowed(`${ALERTS}/${encodeURIComponent(id)}`, EVERY_MS.firing, enabled)
}

/** What is kept quiet, and until when. */
export function useSilencesQuery(): Answer<Silences> {
  return useFollowed(SILENCES, SILENCES_EVERY_MS)
}

/** What the rules say of every service and server, and the lists that they answer. */
export function useAdviceQuery(): Answer<Advice> {
  return useFollowed('/api/v1/advice', ADVICE_EVERY_MS)
}

/** Where the minutes around an alert can be had as a file. */
export function blackBoxPath(alertId: string): string {
  return `${ALERTS}/${encodeURIComponent(alertId)}/blackbox`
}

/** The minutes around an alert; they do not change. */
export function useBlackBoxQuery(alertId: string, enabled: boolean): Answer<BlackBox> {
  return useAgentQuery(blackBoxPath(alertId), { enabled })
}

/** Why the callers of a pool group wait, or that they do not. */
export function useCauseQuery(groupId: string): Answer<Cause> {
  return useFollowed(`/api/v1/groups/${encodeURIComponent(groupId)}/cause`, CAUSE_EVERY_MS)
}

/** Changes something about alerts. Nothing is shown before the agent said that it is so; then everything is asked anew. */
function useChange<Input, Output>(
  change: (input: Input) => Promise<unknown>,
): UseMutationResult<Output, ApiError, Input> {
  const client = useQueryClient()
  return useMutation<Output, ApiError, Input>({
    mutationFn: async (input) => (await change(input)) as Output,
    onSuccess: () =>
      client.invalidateQueries({
        predicate: ({ queryKey: [path] }) =>
          typeof path === 'string' && (path.startsWith(ALERTS) || path === SILENCES),
      }),
  })
}

/** Takes an alert on, by its id. */
export function useAcknowledge(): UseMutationResult<Alert, ApiError, string> {
  return useChange((id) => fetchJson(`${ALERTS}/${encodeURIComponent(id)}/ack`, { body: {} }))
}

/** Keeps alerts quiet for a while. */
export function useSilence(): UseMutationResult<Silence, ApiError, SilenceRequest> {
  return useChange((body) => fetchJson(SILENCES, { body }))
}

/** Ends a silence, by its id. */
export function useUnsilence(): UseMutationResult<null, ApiError, string> {
  return useChange((id) => fetchJson(`${SILENCES}/${encodeURIComponent(id)}`, { method: 'DELETE' }))
}
