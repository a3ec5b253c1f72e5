import { STATUSES } from '@poolscope/protocol'
import { SEARCH_TERM, type Searchable } from './fleet-filter.ts'

/** More would have to be read through. */
const MOST = 12

/** The terms that a fleet can be searched by: what it has, status first, and the bare names last. */
function termsOf(groups: readonly Omit<Searchable, 'status'>[]): string[] {
  const of = (field: 'system' | 'origin' | 'service' | 'name') =>
    [...new Set(groups.map((group) => group[field]))].toSorted().map(quoted)
  const [services, pools] = [of('service'), of('name')]
  const named = (field: string, values: readonly string[]) => values.map((value) => `${field}:${value}`)
  return [
    ...named('status', STATUSES.toReversed()),
    ...named('system', of('system')),
    ...named('origin', of('origin')),
    ...named('service', services),
    ...named('pool', pools),
    ...new Set([...services, ...pools]),
  ]
}

const quoted = (value: string) => (/\s/.test(value) ? `"${value}"` : value)

/**
 * Whole searches that go on where the last word of one stops: `orders st` goes on as `orders status:critical`.
 * @param groups that there are
 * @returns at most twelve; none once the last word is one that they would offer
 */
export function suggestSearches(text: string, groups: readonly Omit<Searchable, 'status'>[]): string[] {
  const match = [...text.matchAll(SEARCH_TERM)].at(-1)
  const open = match !== undefined && match.index + match[0].length === text.length
  const begun = open ? match[0] : ''
  const minus = begun.startsWith('-') ? '-' : ''
  const word = begun.slice(minus.length).toLowerCase()
  const before = text.slice(0, text.length - begun.length) + minus
  const found = termsOf(groups).filter((term) => term.toLowerCase().startsWith(word))
  return found.some((term) => term.toLowerCase() === word)
    ? []
    : found.slice(0, MOST).map((term) => before + term)
}
