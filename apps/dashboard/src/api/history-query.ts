import type { History } from '@poolscope/protocol'
import { type UseQueryResult, useQuery } from '@tanstack/react-query'
import { type TimeRange, windowOf } from '../lib/time-range.ts'
import { useLiveStore } from '../live/hooks.ts'
import type { SeriesSource } from '../live/live-store.ts'
import type { ApiError } from './api-error.ts'
import { fetchJson } from './fetch-json.ts'

/** Rows that are asked for: a chart is hardly wider in px, and all charts of a source share one answer. */
export const MOST_ROWS = 600

/** A time that goes on is asked for again this often, ms: well before the ring of live ticks is full. */
const RENEW_MS = 120_000

/** What the agent keeps of a time. */
export type RangeHistory = {
  mean: History
  /** Largest values of the same rows; null where a row is one tick. */
  peak: History | null
  /** Every tick up to here is in the rows, none after it, epoch ms. */
  coveredMs: number
}

/**
 * The past of a series over a time range: nothing is asked while the first tick is on its way, and none of it
 * where `enabled` is false. What was known before stays until there is an answer, but never that of another series.
 */
export function useHistoryQuery(
  { kind, id }: SeriesSource,
  range: TimeRange,
  enabled: boolean,
): UseQueryResult<RangeHistory, ApiError> {
  const store = useLiveStore()
  const key = ['history', kind, id] as const
  return useQuery<RangeHistory, ApiError>({
    queryKey: [...key, range],
    queryFn: async ({ signal }) => {
      const { atMs, tickMs } = store.newestTick
      const { fromMs, toMs } = windowOf(range, atMs)
      const coveredMs = Math.ceil(Math.min(toMs, atMs))
      const ask = async (aggregate: 'avg' | 'max') => {
        const query = `fromMs=${Math.floor(fromMs)}&toMs=${coveredMs}&points=${MOST_ROWS}`
        const path = `/api/v1/${kind}s/${encodeURIComponent(id)}/history?${query}&aggregate=${aggregate}`
        return (await fetchJson(path, { signal })) as History
      }
      const mean = await ask('avg')
      const peak = mean.stepMs > tickMs ? await ask('max') : null
      return { mean, peak, coveredMs }
    },
    enabled,
    // What is over stays as it is; what goes on is renewed by the clock below.
    staleTime: Number.POSITIVE_INFINITY,
    refetchInterval: ({ state: { data } }) =>
      range.kind === 'fixed' && data !== undefined && data.coveredMs >= range.toMs ? false : RENEW_MS,
    refetchOnMount: ({ state: { data } }) =>
      data !== undefined && (range.kind === 'live' || data.coveredMs < range.toMs) ? 'always' : true,
    placeholderData: (before, query) =>
      query !== undefined && key.every((part, index) => part === query.queryKey[index]) ? before : undefined,
    // Thousands of numbers that are all new: looking for equal ones costs more than it saves.
    structuralSharing: false,
  })
}
