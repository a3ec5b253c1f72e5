/** One thing that a check looked at. */
export type CheckItem = {
  /** Such as `sessions of all users`. */
  what: string
  /** `missing` keeps numbers from being true or there at all; `advice` is worth having. */
  state: 'ok' | 'missing' | 'advice'
  /** What was found, in one sentence. */
  message: string
  /** What to run or set to mend it, a line each; none where all is well. */
  fix: string[]
}

/** A finding of which nothing has to be mended. */
export function fine(what: string, message: string): CheckItem {
  return { what, state: 'ok', message, fix: [] }
}
