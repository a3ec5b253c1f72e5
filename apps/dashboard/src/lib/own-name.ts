const KEY = 'poolscope.name'

/** The name that somebody gave themselves in this browser; empty where none is known. */
export function ownName(): string {
  try {
    return localStorage.getItem(KEY) ?? ''
  } catch {
    return ''
  }
}

/** Keeps it for the next time. */
export function keepOwnName(name: string): void {
  try {
    localStorage.setItem(KEY, name)
  } catch {
    // Without storage it is asked for again.
  }
}
