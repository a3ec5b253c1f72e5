import type { Annotation, Annotations } from '@poolscope/protocol'
import { useQuery } from '@tanstack/react-query'
import { type TimeRange, windowOf } from '../lib/time-range.ts'
import { useLiveStore } from '../live/hooks.ts'
import { ApiError } from './api-error.ts'
import { fetchJson } from './fetch-json.ts'

/** What is live is asked for again this often, ms. */
const RENEW_MS = 15_000

const NONE: readonly Annotation[] = []

/** What happened in a time range, oldest first; empty while nothing is known, also of an agent that keeps none. */
export function useAnnotations(range: TimeRange, enabled: boolean): readonly Annotation[] {
  const store = useLiveStore()
  const { data } = useQuery<readonly Annotation[] | null, ApiError>({
    queryKey: ['annotations', range],
    queryFn: async ({ signal }) => {
      const { fromMs, toMs } = windowOf(range, store.newestTick.atMs)
      try {
        const path = `/api/v1/annotations?fromMs=${Math.floor(fromMs)}&toMs=${Math.ceil(toMs)}`
        const answer = (await fetchJson(path, { signal })) as Annotations
        return answer.annotations.toSorted((a, b) => a.atMs - b.atMs)
      } catch (error) {
        // An agent that knows no annotations need not be asked for them again.
        if (error instanceof ApiError && error.status === 404) return null
        throw error
      }
    },
    enabled,
    staleTime: Number.POSITIVE_INFINITY,
    refetchInterval: ({ state: { data: known } }) =>
      range.kind === 'live' && known !== null ? RENEW_MS : false,
    placeholderData: (before) => before,
  })
  return data ?? NONE
}
