import { describe, expect, it } from 'vitest'
import { readPercent } from './read-percent.ts'

describe(readPercent, () => {
  it('refuses what is no share', () => {
    expect(readPercent('Gone', '50', 99)).toEqual({ value: 50, error: null })
    for (const text of ['', '-1', '100', 'half', 'Infinity']) {
      expect(readPercent('Gone', text, 99)).toEqual({ value: null, error: 'Gone must be from 0 to 99 %.' })
    }
  })
})
