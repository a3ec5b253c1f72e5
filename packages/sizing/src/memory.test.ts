import { describe, expect, it } from 'vitest'
import { CONNECTION_MEMORY, memoryOf } from './memory.ts'

describe(memoryOf, () => {
  it('is connections times what each takes', () => {
    expect(memoryOf(100, 10_000_000)).toBe(1_000_000_000) // 100 x 10 MB = 1 GB
    expect(memoryOf(0, 10_000_000)).toBe(0)
  })

  it('refuses less than none', () => {
    expect(() => memoryOf(-1, 1)).toThrow('connections must be a whole number from 0')
  })
})

describe('CONNECTION_MEMORY', () => {
  it('knows no number without a source, and says where none is known', () => {
    for (const { bytes, kind, source } of CONNECTION_MEMORY) {
      expect(source).not.toBe('')
      expect(bytes === null).toBe(kind === 'unknown')
    }
  })

  it('sets the number in circulation beside what was measured', () => {
    const ofPostgres = CONNECTION_MEMORY.filter(({ system }) => system === 'postgresql')
    expect(ofPostgres.map(({ kind, bytes }) => [kind, ((bytes ?? 0) / 1_048_576).toFixed(1)])).toEqual([
      ['folklore', '9.5'],
      ['measured', '1.4'],
      ['measured', '4.0'],
      ['measured', '12.0'],
    ])
  })
})
