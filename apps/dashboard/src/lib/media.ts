import { useCallback } from 'react'
import { useExternal } from './use-external.ts'

/** Where tables turn from columns into lines; FleetTable.module.css uses the same width. */
export const NARROW = '(max-width: 839px)'

/** One list a query: asking the browser anew on each render costs more than the render. */
const lists = new Map<string, MediaQueryList>()

function listOf(query: string): MediaQueryList {
  let list = lists.get(query)
  if (list === undefined) {
    list = matchMedia(query)
    lists.set(query, list)
  }
  return list
}

/** Whether a media query holds, followed as it changes; null where there is no screen to ask, see `shells.tsx`. */
export function useMedia(query: string): boolean | null {
  const subscribe = useCallback(
    (listener: () => void) => {
      const media = listOf(query)
      media.addEventListener('change', listener)
      return () => media.removeEventListener('change', listener)
    },
    [query],
  )
  return useExternal(
    subscribe,
    () => listOf(query).matches,
    () => null,
  )
}
