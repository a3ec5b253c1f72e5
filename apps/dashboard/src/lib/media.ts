import { useCallback, useSyncExternalStore } from 'react'

/** Where tables turn from columns into lines; FleetTable.module.css uses the same width. */
export const NARROW = '(max-width: 839px)'

/** Whether a media query holds, followed as it changes. */
export function useMedia(query: string): boolean {
  const subscribe = useCallback(
    (listener: () => void) => {
      const media = matchMedia(query)
      media.addEventListener('change', listener)
      return () => media.removeEventListener('change', listener)
    },
    [query],
  )
  return useSyncExternalStore(subscribe, () => matchMedia(query).matches)
}
