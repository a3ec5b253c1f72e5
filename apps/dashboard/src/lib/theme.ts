import { useCallback } from 'react'
import { useExternal } from './use-external.ts'

/** `auto` follows the system. */
export const THEMES = ['auto', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

/** Read by public/theme.js too, before the first paint. */
const KEY = 'poolscope.theme'

const listeners = new Set<() => void>()

function current(): Theme {
  const shown = document.documentElement.dataset.theme
  return shown === 'light' || shown === 'dark' ? shown : 'auto'
}

function choose(theme: Theme): void {
  if (theme === 'auto') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
  try {
    if (theme === 'auto') localStorage.removeItem(KEY)
    else localStorage.setItem(KEY, theme)
  } catch {
    // Without storage the choice lasts until the page is left.
  }
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** The chosen theme, and a function that chooses another and keeps it for the next visit. */
export function useTheme(): [Theme, (theme: Theme) => void] {
  return [useExternal(subscribe, current, () => 'auto'), useCallback(choose, [])]
}
