import { useSyncExternalStore } from 'react'

/**
 * What is kept outside of React, followed as it changes.
 * @param atBuild what it is where the page is painted without a browser (`shells.tsx`); the same by default
 */
export function useExternal<T>(
  subscribe: (listener: () => void) => () => void,
  read: () => T,
  atBuild: () => T = read,
): T {
  return useSyncExternalStore(subscribe, read, atBuild)
}
