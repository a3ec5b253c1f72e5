import { describe, expect, it } from 'vitest'
import { matchesSearch, parseSearch } from './fleet-filter.ts'

const orders = {
  service: 'checkout',
  name: 'Orders DB',
  system: 'postgresql',
  status: 'warning',
  origin: 'probe',
}
const found = (text: string) => matchesSearch(orders, parseSearch(text))

describe('matchesSearch', () => {
  it('finds free text in service, name and system, whatever the case', () => {
    expect(found('')).toBe(true)
    expect(found('ORDERS')).toBe(true)
    expect(found('checkout/orders')).toBe(true)
    expect(found('postgres')).toBe(true)
    expect(found('billing')).toBe(false)
  })
  it('joins words by "and"', () => {
    expect(found('orders check')).toBe(true)
    expect(found('orders billing')).toBe(false)
  })
  it('narrows by field', () => {
    expect(found('service:check')).toBe(true)
    expect(found('service:orders')).toBe(false)
    expect(found('status:warn system:postgresql')).toBe(true)
    expect(found('status:critical')).toBe(false)
  })
  it('holds quoted words together, and leaves out after a minus sign', () => {
    expect(found('pool:"orders db"')).toBe(true)
    expect(found('pool:"orders  db"')).toBe(false)
    expect(found('-status:ok')).toBe(true)
    expect(found('-status:warning')).toBe(false)
  })
  it('takes an unknown field as text', () => {
    expect(parseSearch('http://x')).toEqual([{ field: null, text: 'http://x', without: false }])
  })
})
