import { describe, expect, it } from 'vitest'
import { parseQuery, patchQuery } from './query-state.ts'
import { isEmpty, readForm } from './size-form.ts'
import { SIZE_QUERY } from './size-query.ts'

const formOf = (search: string, measured: Parameters<typeof readForm>[1] = null) =>
  readForm(parseQuery(SIZE_QUERY, search), measured)

describe(readForm, () => {
  it('begins empty', () => {
    expect(isEmpty(formOf(''))).toBe(true)
    expect(isEmpty(formOf('?cores=4'))).toBe(false)
  })

  it('takes what is typed before what is measured, and that before what is assumed', () => {
    const form = formOf('?hold=12,5', { hold: 9, rate: 140.26, limit: null })
    expect(form.hold).toEqual({ text: '12,5', value: 12.5, origin: 'given', error: null })
    expect(form.rate).toEqual({ text: '140', value: 140.26, origin: 'measured', error: null })
    expect(form.cores).toEqual({ text: '4', value: 4, origin: 'assumed', error: null })
    expect(form.limit).toEqual({ text: '', value: null, origin: 'none', error: null })
  })

  it.each([
    ['cores', '0', 'Cores must be a whole number from 1 to 4096 cores, not 0.'],
    ['cores', 'many', 'Cores must be a whole number from 1 to 4096 cores, not “many”.'],
    ['cores', '2.5', 'Cores must be a whole number from 1 to 4096 cores, not 2.5.'],
    ['hold', '-3', 'Mean hold must be a number from 0.001 to 86400000 ms, not -3.'],
    ['rate', '1e999', 'Checkouts must be a number from 0 to 1000000 checkouts a second, not Infinity.'],
    ['size', '0x10', 'Max must be a whole number from 1 to 1000000 connections, not “0x10”.'],
  ] as const)('keeps a wrong %s (%s) and says what is wrong with it', (key, text, error) => {
    const state = formOf(`?${key}=${encodeURIComponent(text)}`)[key]
    expect(state).toEqual({ text, value: null, origin: 'given', error })
  })

  it('sees what is wrong with two numbers together', () => {
    expect(formOf('?limit=100&reserved=100').reserved.error).toContain('below max_connections (100)')
    expect(formOf('?size=5&min=6').min.error).toContain('not be above max (5)')
    expect(formOf('?wait=5').service.error).toContain('too')
    expect(formOf('?service=5').wait.error).toContain('too')
    expect(formOf('?wait=0&service=5').wait.error).toBeNull()
  })

  it('comes back from the address as it went there', () => {
    const typed = { cores: '4', disks: '1', rate: '200', hold: '9', lib: 'go', pool: 'a.b' }
    const query = patchQuery(SIZE_QUERY, '', typed)
    expect(parseQuery(SIZE_QUERY, query)).toMatchObject(typed)
  })
})
