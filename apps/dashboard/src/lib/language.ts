import { useSyncExternalStore } from 'react'
import { Listeners } from '../live/listeners.ts'

const KEY = 'poolscope.language'
const listeners = new Listeners()
let chosen: string | null = null

function current(): string {
  if (chosen === null) {
    try {
      chosen = localStorage.getItem(KEY) ?? ''
    } catch {
      chosen = ''
    }
  }
  return chosen
}

function choose(language: string): void {
  chosen = language
  try {
    localStorage.setItem(KEY, language)
  } catch {
    // Without storage the choice lasts until the page is left.
  }
  listeners.call()
}

/** The language that examples are read in, empty until one is chosen; chosen once, it holds everywhere. */
export function useLanguage(): [string, (language: string) => void] {
  return [useSyncExternalStore((listener) => listeners.add(listener), current), choose]
}
