import { useCallback, useEffect, useState } from 'react'
import { useQueryState } from './query-state.ts'
import { SIZE_QUERY, type SizeQuery } from './size-query.ts'

/** Browsers refuse addresses that change many times a second, as under a slider. */
const SETTLE_MS = 200

/**
 * The calculator's state. What is typed or moved shows at once, and stands in the address once the hand rests.
 * @returns the values, and what changes some of them
 */
export function useSizeQuery(): [SizeQuery, (patch: Partial<SizeQuery>) => void] {
  const [query, setQuery] = useQueryState(SIZE_QUERY)
  const [ahead, setAhead] = useState<Partial<SizeQuery>>({})
  useEffect(() => {
    if (Object.keys(ahead).length === 0) return
    const timer = setTimeout(() => {
      setQuery(ahead, 'replace')
      setAhead({})
    }, SETTLE_MS)
    return () => clearTimeout(timer)
  }, [ahead, setQuery])
  const change = useCallback(
    (patch: Partial<SizeQuery>) => setAhead((before) => ({ ...before, ...patch })),
    [],
  )
  return [{ ...query, ...ahead }, change]
}
