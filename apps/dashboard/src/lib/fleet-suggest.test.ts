import { describe, expect, it } from 'vitest'
import { matchesSearch, parseSearch } from './fleet-filter.ts'
import { suggestSearches } from './fleet-suggest.ts'

const GROUPS = [
  { service: 'checkout', name: 'Orders DB', system: 'postgresql', origin: 'probe' },
  { service: 'billing', name: 'orders', system: 'mysql', origin: 'observed' },
]
const suggested = (text: string) => suggestSearches(text, GROUPS)

describe(suggestSearches, () => {
  it('offers what the fleet has, status first, before anything is typed', () => {
    expect(suggested('').slice(0, 2)).toEqual(['status:critical', 'status:warning'])
    expect(suggested('')).toContain('system:mysql')
    expect(suggested('')).toHaveLength(12)
  })

  it('goes on where the last word stops, whatever stands before it', () => {
    expect(suggested('service:')).toEqual(['service:billing', 'service:checkout'])
    expect(suggested('status:critical -sys')).toEqual([
      'status:critical -system:mysql',
      'status:critical -system:postgresql',
    ])
    expect(suggested('CHECK')).toEqual(['checkout'])
  })

  it('puts names of several words into quotes, begun ones too', () => {
    expect(suggested('pool:"orders d')).toEqual(['pool:"Orders DB"'])
  })

  it('offers nothing once the last word is whole, or where nothing fits', () => {
    expect(suggested('status:ok')).toEqual([])
    expect(suggested('service:nowhere')).toEqual([])
  })

  it('offers searches that find a pool', () => {
    for (const text of [...suggested('service:'), ...suggested('pool:'), ...suggested('system:')]) {
      const found = GROUPS.some((group) => matchesSearch({ ...group, status: 'ok' }, parseSearch(text)))
      expect(found, text).toBe(true)
    }
  })
})
