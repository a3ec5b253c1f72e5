import type { AdviceItem } from '@poolscope/protocol'
import { type QuerySchema, textParam, wordParam, wordsParam } from './query-state.ts'

/** What of the page of advice is on screen. */
export const ADVICE_LISTS = ['checklist', 'anti-patterns', 'questions'] as const
/** The answers of an item, those that ask for something first. */
export const ANSWERS = [
  'fail',
  'unknown',
  'pass',
  'unobservable',
] as const satisfies readonly AdviceItem['state'][]

/** The state of the page of advice; `about` is the id of a service or server, empty for all of them. */
export type AdviceQuery = {
  about: string
  list: (typeof ADVICE_LISTS)[number]
  answer: readonly AdviceItem['state'][]
}

/** How it stands in the address. */
export const ADVICE_QUERY: QuerySchema<AdviceQuery> = {
  about: textParam(),
  list: wordParam(ADVICE_LISTS, 'checklist'),
  answer: wordsParam(ANSWERS),
}
