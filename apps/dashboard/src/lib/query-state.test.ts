import { act, renderHook } from '@testing-library/react'
import { beforeEach, describe, expect, it } from 'vitest'
import {
  parseQuery,
  patchQuery,
  type QuerySchema,
  type Sort,
  sortParam,
  textParam,
  useQueryState,
  wordParam,
  wordsParam,
} from './query-state.ts'

type Values = {
  q: string
  group: 'none' | 'service'
  status: readonly ('ok' | 'critical')[]
  sort: Sort<'status' | 'waiting'>
}

const schema: QuerySchema<Values> = {
  q: textParam(),
  group: wordParam(['none', 'service'], 'none'),
  status: wordsParam(['ok', 'critical']),
  sort: sortParam(['status', 'waiting'], { column: 'status', descending: true }),
}

describe('parseQuery', () => {
  it('answers the defaults for an empty address', () => {
    expect(parseQuery(schema, '')).toEqual({
      q: '',
      group: 'none',
      status: [],
      sort: { column: 'status', descending: true },
    })
  })
  it('reads every value, and takes nonsense for the default', () => {
    const read = parseQuery(schema, 'q=service:a%20b&group=moon&status=critical,ok,x&sort=waiting')
    expect(read).toEqual({
      q: 'service:a b',
      group: 'none',
      status: ['ok', 'critical'],
      sort: { column: 'waiting', descending: false },
    })
    expect(parseQuery(schema, 'sort=-nothing').sort.column).toBe('status')
  })
})

describe('patchQuery', () => {
  it('leaves defaults out and unknown names alone', () => {
    expect(patchQuery(schema, 'theme=dark&q=x', { q: '', group: 'service' })).toBe('theme=dark&group=service')
  })
  it('keeps colons and commas readable', () => {
    expect(patchQuery(schema, '', { q: 'service:a', status: ['critical', 'ok'] })).toBe(
      'q=service:a&status=ok,critical',
    )
  })
  it('reads back what it wrote', () => {
    const patch: Partial<Values> = { q: 'a&b=c +%', sort: { column: 'waiting', descending: true } }
    expect(parseQuery(schema, patchQuery(schema, '', patch))).toMatchObject(patch)
  })
})

describe('useQueryState', () => {
  beforeEach(() => history.replaceState(null, '', '/fleet'))

  it('follows the address and writes to it', () => {
    const { result } = renderHook(() => useQueryState(schema))
    const before = history.length
    act(() => result.current[1]({ q: 'orders' }, 'replace'))
    expect(result.current[0].q).toBe('orders')
    expect(location.search).toBe('?q=orders')
    expect(history.length).toBe(before)
    act(() => result.current[1]({ group: 'service' }))
    expect(location.search).toBe('?q=orders&group=service')
    act(() => result.current[1]({ q: '', group: 'none' }))
    expect(location.pathname + location.search).toBe('/fleet')
  })
})
