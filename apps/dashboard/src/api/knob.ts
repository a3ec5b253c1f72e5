import type { Knob, KnobChange, KnobRequest } from '@poolscope/protocol'
import { type UseMutationResult, useMutation, useQueryClient } from '@tanstack/react-query'
import { useFollowed } from './alerts.ts'
import type { ApiError } from './api-error.ts'
import { fetchJson } from './fetch-json.ts'
import { useAgentQuery } from './queries.ts'

/** A change is taken within seconds. */
const EVERY_MS = 2000

const pathOf = (groupId: string) => `/api/v1/groups/${encodeURIComponent(groupId)}/max`

/**
 * What can be changed of a pool group's limit while it runs, and its last change; `null` until that is known. Asked once
 * where the agent may change nothing.
 */
export function useKnobQuery(groupId: string, enabled = true): Knob | null {
  const { data: known } = useAgentQuery<Knob>(pathOf(groupId), { enabled })
  const { data } = useFollowed<Knob>(pathOf(groupId), EVERY_MS, enabled && known?.enabled === true)
  return data ?? known ?? null
}

function useChange<Input>(
  groupId: string,
  change: (path: string, input: Input) => Promise<unknown>,
): UseMutationResult<KnobChange, ApiError, Input> {
  const client = useQueryClient()
  return useMutation<KnobChange, ApiError, Input>({
    mutationFn: async (input) => (await change(pathOf(groupId), input)) as KnobChange,
    onSuccess: () => client.invalidateQueries({ queryKey: [pathOf(groupId)] }),
  })
}

/** Asks for another limit. */
export function useTurn(groupId: string): UseMutationResult<KnobChange, ApiError, KnobRequest> {
  return useChange(groupId, (path, body) => fetchJson(path, { body }))
}

/** Takes a changed limit back, in somebody's name. */
export function useUndo(groupId: string): UseMutationResult<KnobChange, ApiError, string> {
  return useChange(groupId, (path, by) => fetchJson(path, { method: 'DELETE', body: { by } }))
}
