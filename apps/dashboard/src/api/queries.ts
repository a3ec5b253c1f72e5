import type {
  GroupDetail,
  History,
  Holders,
  ServerBudget,
  ServerNow,
  Sessions,
  Statements,
} from '@poolscope/protocol'
import {
  keepPreviousData,
  queryOptions,
  type UseQueryResult,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query'
import type { ApiError } from './api-error.ts'
import { fetchJson } from './fetch-json.ts'
import { groupHistoryPath, groupPath } from './paths.ts'
import { NEW_MS } from './query-client.ts'

/** `enabled: false` asks nothing: the live stream has the answer already. `everyMs` asks again and again. */
type Options = { enabled?: boolean; everyMs?: number }
/** What a question has come to. */
export type Answer<T> = UseQueryResult<T, ApiError>

/** Asks the agent. @param path from `/api/v1/` on; also what the answer is kept under */
export function useAgentQuery<T>(path: string, { enabled = true, everyMs }: Options): Answer<T> {
  return useQuery({
    ...asking<T>(path),
    enabled,
    ...(everyMs === undefined ? {} : { refetchInterval: everyMs, placeholderData: keepPreviousData }),
  })
}

function asking<T>(path: string) {
  return queryOptions<T, ApiError>({
    queryKey: [path],
    queryFn: async ({ signal }) => (await fetchJson(path, { signal })) as T,
  })
}

const part = encodeURIComponent

/** One pool group and its instances; the error's code is `not_found` when there is none of that id. */
export function useGroupQuery(id: string, options: Options = {}): Answer<GroupDetail> {
  return useAgentQuery(groupPath(id), options)
}

/** Who holds the connections of a pool group, longest held first. */
export function useHoldersQuery(id: string, options: Options = {}): Answer<Holders> {
  return useAgentQuery(`/api/v1/groups/${part(id)}/holders`, options)
}

/** One server; the error's code is `not_found` when it is not watched. */
export function useServerQuery(id: string, options: Options = {}): Answer<ServerNow> {
  return useAgentQuery(`/api/v1/servers/${part(id)}`, options)
}

/** The sessions of a server. */
export function useSessionsQuery(id: string, options: Options = {}): Answer<Sessions> {
  return useAgentQuery(`/api/v1/servers/${part(id)}/sessions`, options)
}

/** Sources read statements this often, ms. */
const STATEMENTS_EVERY_MS = 10_000

/** What the statements of a server did over the last `windowMs`, most of `order` first; asked anew as often as it changes. */
export function useStatementsQuery(id: string, order: string, windowMs: number): Answer<Statements> {
  const query = `order=${order}&windowMs=${windowMs}&limit=50`
  return useAgentQuery(`/api/v1/servers/${part(id)}/statements?${query}`, { everyMs: STATEMENTS_EVERY_MS })
}

/** The last minutes of a pool group, once: what is computed from it is not to move under the reader. */
export function useGroupHistoryQuery(id: string, options: Options = {}): Answer<History> {
  return useAgentQuery(groupHistoryPath(id), options)
}

/** Asks for a pool group and its last minutes before somebody opens what shows them; not kept for longer than they are new. */
export function useAskAhead(): (groupId: string) => void {
  const client = useQueryClient()
  return (id) => {
    for (const path of [groupPath(id), groupHistoryPath(id)]) {
      void client.prefetchQuery({ ...asking(path), gcTime: NEW_MS })
    }
  }
}

/** Budgets change when services come and go, ms. */
const BUDGET_EVERY_MS = 5000

/** What all pools may open on a server against what it can take. */
export function useBudgetQuery(id: string, options: Options = {}): Answer<ServerBudget> {
  return useAgentQuery(`/api/v1/servers/${part(id)}/budget`, { ...options, everyMs: BUDGET_EVERY_MS })
}
