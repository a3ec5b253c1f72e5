import type { DetailGroup, ServerNow } from '@poolscope/protocol'

/** Connections that ordinary users may have; an upper bound where the reserve is not known, null where the limit is not. */
export function usable({
  maxConnections,
  reservedConnections,
}: Pick<ServerNow, 'maxConnections' | 'reservedConnections'>): number | null {
  if (maxConnections === null || reservedConnections === null) return maxConnections
  return maxConnections - reservedConnections
}

/** A number among the details of a server by the server's own name for it; null where it does not say. */
export function detail({ details }: { details: readonly DetailGroup[] }, name: string): number | null {
  for (const group of details) {
    const value = group.details.find((candidate) => candidate.name === name)?.value
    if (typeof value === 'number') return value
  }
  return null
}

/** Whether it runs statements in sessions of its own, as against a pooler or a cache. */
export function isDatabase({ system }: Pick<ServerNow, 'system'>): boolean {
  return system === 'postgresql' || system === 'mysql' || system === 'mariadb'
}

/** Why nothing can be said of a server now; null when something can. */
export function silent({ state, stale }: Pick<ServerNow, 'state' | 'stale'>): string | null {
  if (state === 'connecting') return 'The first sample is still to come.'
  if (state !== 'up') return 'The server cannot be sampled.'
  return stale ? 'Samples stopped; the numbers are the last known.' : null
}
