import { type QueryClient, QueryClientProvider } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useLiveStore } from '../live/hooks.ts'
import { createQueryClient } from './query-client.ts'

/** One cache for the whole visit: pages come and go. */
let client: QueryClient | null = null

/** What the pages below ask for rather than stream. In a file of its own, because the fleet page needs none of it. */
export function Queries({ children }: { children: ReactNode }) {
  const store = useLiveStore()
  client ??= createQueryClient(() => store.deny())
  return <QueryClientProvider client={client}>{children}</QueryClientProvider>
}
