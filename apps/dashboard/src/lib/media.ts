import { useCallback, useSyncExternalStore } from 'react'

/** Where tables turn from columns into lines; tokens.css and the modules use the same width. */
export const NARROW = '(max-width: 719px)'

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
