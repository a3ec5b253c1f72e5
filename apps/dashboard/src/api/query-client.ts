import { QueryCache, QueryClient } from '@tanstack/react-query'
import { ApiError } from './api-error.ts'

/** Tries after the first one, for what may pass by itself. */
const RETRIES = 2
/** An answer that is asked for again within this time stands, ms. */
export const NEW_MS = 5000

/**
 * The cache of everything that is asked for rather than streamed.
 * @param onDenied called when the agent wants a sign-in
 */
export function createQueryClient(onDenied: () => void): QueryClient {
  return new QueryClient({
    queryCache: new QueryCache({
      onError: (error) => {
        if (error instanceof ApiError && error.code === 'unauthorized') onDenied()
      },
    }),
    defaultOptions: {
      queries: {
        staleTime: NEW_MS,
        // The answer of the agent stands; only silence and its own faults are worth another try.
        retry: (failures, error) =>
          failures < RETRIES && !(error instanceof ApiError && error.status !== null && error.status < 500),
        refetchOnWindowFocus: false,
      },
    },
  })
}
