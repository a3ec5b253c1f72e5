/** What of a pool group can be searched. */
export type Searchable = {
  service: string
  name: string
  system: string
  status: string
  origin: string
}

const FIELDS = ['service', 'name', 'system', 'status', 'origin'] as const
type Field = (typeof FIELDS)[number]

/** One word of a search: any field when `field` is null; with `without`, what holds it is left out. */
export type SearchTerm = { field: Field | null; text: string; without: boolean }

const ALIASES: Readonly<Record<string, Field>> = {
  service: 'service',
  name: 'name',
  pool: 'name',
  system: 'system',
  status: 'status',
  state: 'status',
  origin: 'origin',
}

/** One word of a search with its minus sign, field, and what it says, in quotes or without. */
export const SEARCH_TERM = /(-?)(?:([a-z]+):)?(?:"([^"]*)"?|(\S+))/gi

/**
 * Reads a search such as `orders service:checkout -status:ok`. Words are joined by "and"; quotes
 * hold words together; a minus sign excludes. An unknown field is searched for as plain text.
 */
export function parseSearch(text: string): SearchTerm[] {
  const terms: SearchTerm[] = []
  for (const match of text.matchAll(SEARCH_TERM)) {
    const [, minus = '', key = '', quoted, bare] = match
    const value = (quoted ?? bare ?? '').toLowerCase()
    const field = ALIASES[key.toLowerCase()] ?? null
    const known = key === '' || field !== null
    const term = known ? value : `${key.toLowerCase()}:${value}`
    if (term !== '') terms.push({ field, text: term, without: minus === '-' })
  }
  return terms
}

function holds(group: Searchable, term: SearchTerm): boolean {
  if (term.field === 'status') return group.status.startsWith(term.text === 'warn' ? 'warning' : term.text)
  if (term.field !== null) return group[term.field].toLowerCase().includes(term.text)
  return `${group.service}/${group.name} ${group.system}`.toLowerCase().includes(term.text)
}

/** Whether a pool group is found by every word of a search. */
export function matchesSearch(group: Searchable, terms: readonly SearchTerm[]): boolean {
  return terms.every((term) => holds(group, term) !== term.without)
}
