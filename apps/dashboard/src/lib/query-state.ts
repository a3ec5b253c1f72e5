import { useCallback, useMemo } from 'react'
import { useSearch } from 'wouter'
import { navigate } from 'wouter/use-browser-location'

/** How one value of a page's state stands in the address. A value equal to `fallback` is left out. */
export type Param<T> = {
  readonly fallback: T
  /** Reads what a person may have typed; what makes no sense is the fallback, never an error. */
  readonly parse: (text: string) => T
  readonly format: (value: T) => string
}

/** The state of a page: the name of each value in the address, and how it is read. */
export type QuerySchema<V> = { readonly [K in keyof V]: Param<V[K]> }

/** Any text. */
export function textParam(fallback = ''): Param<string> {
  return { fallback, parse: (text) => text, format: (value) => value }
}

/** One of a closed list of words. */
export function wordParam<const W extends string>(words: readonly W[], fallback: W): Param<W> {
  return {
    fallback,
    parse: (text) => words.find((word) => word === text) ?? fallback,
    format: (value) => value,
  }
}

/** Several of a closed list of words, comma-separated, in the order of the list; empty by default. */
export function wordsParam<const W extends string>(words: readonly W[]): Param<readonly W[]> {
  const inOrder = (chosen: readonly string[]) => words.filter((word) => chosen.includes(word))
  return {
    fallback: [],
    parse: (text) => inOrder(text.split(',')),
    format: (value) => inOrder(value).join(','),
  }
}

/** A column to sort by; `descending` is a minus sign before its name. */
export type Sort<C extends string> = { readonly column: C; readonly descending: boolean }

/** A sort over a closed list of columns. */
export function sortParam<const C extends string>(columns: readonly C[], fallback: Sort<C>): Param<Sort<C>> {
  return {
    fallback,
    parse: (text) => {
      const descending = text.startsWith('-')
      const column = columns.find((name) => name === (descending ? text.slice(1) : text))
      return column === undefined ? fallback : { column, descending }
    },
    format: (value) => (value.descending ? '-' : '') + value.column,
  }
}

/** Reads every value of a schema from the part of an address behind the question mark. */
export function parseQuery<V>(schema: QuerySchema<V>, search: string): V {
  const params = new URLSearchParams(search)
  const values: Partial<V> = {}
  for (const key of Object.keys(schema) as (keyof V & string)[]) {
    const text = params.get(key)
    values[key] = text === null ? schema[key].fallback : schema[key].parse(text)
  }
  return values as V
}

/**
 * Writes changed values into the query of an address. Names that the schema does not know stay as
 * they are, defaults disappear.
 * @returns without a question mark; empty when nothing is left
 */
export function patchQuery<V>(schema: QuerySchema<V>, search: string, patch: Partial<V>): string {
  const params = new URLSearchParams(search)
  for (const key of Object.keys(patch) as (keyof V & string)[]) {
    const value = patch[key]
    const param = schema[key]
    if (value === undefined) continue
    const text = param.format(value as V[typeof key])
    if (text === '' || text === param.format(param.fallback)) params.delete(key)
    else params.set(key, text)
  }
  return readableQuery(params)
}

/** A query as people read it: colons and commas as they are. Without a question mark. */
export function readableQuery(params: URLSearchParams): string {
  return params.toString().replaceAll('%3A', ':').replaceAll('%2C', ',')
}

/** `push` makes a step that the Back button undoes; `replace` is for what changes with each key stroke. */
export type QueryHistory = 'push' | 'replace'

/**
 * The state of a page, kept in its address, so that every view of it is a link.
 * @param schema must keep its identity between renders
 * @returns the values, and a function that changes some of them
 * @example const [{ q }, set] = useQueryState(FLEET_QUERY); set({ q: 'orders' }, 'replace')
 */
export function useQueryState<V>(
  schema: QuerySchema<V>,
): [V, (patch: Partial<V>, history?: QueryHistory) => void] {
  const search = useSearch()
  const values = useMemo(() => parseQuery(schema, search), [schema, search])
  const update = useCallback(
    (patch: Partial<V>, history: QueryHistory = 'push') => {
      const query = patchQuery(schema, location.search, patch)
      const current = location.search.replace(/^\?/, '')
      if (query === current) return
      navigate(location.pathname + (query === '' ? '' : `?${query}`) + location.hash, {
        replace: history === 'replace',
        // What was zoomed from stays known while something else of the page changes.
        state: window.history.state,
      })
    },
    [schema],
  )
  return [values, update]
}
