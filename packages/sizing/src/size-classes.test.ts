import { describe, expect, it } from 'vitest'
import { adviseMax, KIND_CLASSES, PRESETS, SIZE_CLASSES, warnOfSize } from './size-classes.ts'

describe('SIZE_CLASSES', () => {
  it('keeps what each guide says, though they disagree', () => {
    const said = (app: string) =>
      SIZE_CLASSES.filter((one) => one.app === app).map(({ guide, min, max }) => `${guide} ${min}-${max}`)
    expect(said('small')).toEqual(['patterns 5-10', 'reference 10-20', 'efficiently 5-10'])
    expect(said('medium')).toEqual(['patterns 20-50', 'reference 5-10', 'efficiently 10-20'])
    expect(said('large')).toEqual(['patterns 50-100', 'reference 2-5', 'efficiently 20-50'])
  })
})

describe('KIND_CLASSES', () => {
  it('has the sizes of each kind of pool', () => {
    const said = KIND_CLASSES.map(({ kind, max, min, idleTimeoutMs }) => [
      kind,
      ...max,
      ...min,
      ...idleTimeoutMs,
    ])
    expect(said).toEqual([
      ['database', 10, 100, 2, 5, 600_000, 1_800_000],
      ['redis', 10, 50, 2, 5, 300_000, 300_000],
      ['http', 10, 100, 2, 5, 60_000, 60_000],
      ['grpc', 10, 50, 2, 5, 60_000, 60_000],
    ])
  })
})

describe('PRESETS', () => {
  it('has the settings of each environment', () => {
    expect(PRESETS.map(({ id, max, min, idleTimeoutMs }) => [id, max, min, idleTimeoutMs])).toEqual([
      ['production', 20, 5, 30_000],
      ['development', 10, 2, 60_000],
      ['test', 5, 1, 5000],
    ])
  })
})

describe(warnOfSize, () => {
  it('warns of what the guides call bad, and of nothing that they call good', () => {
    expect([2, 20, 999, 1000].map(warnOfSize)).toEqual(['too_small', null, null, 'too_large'])
  })
})

describe(adviseMax, () => {
  it('raises at waits above 100 ms and lowers when more than half is idle', () => {
    expect(adviseMax(101, 0.9)).toBe('raise')
    expect(adviseMax(100, 0.51)).toBe('lower')
    expect(adviseMax(100, 0.5)).toBe('keep')
  })

  it('does not know without the waits', () => {
    expect(adviseMax(null, 0.9)).toBeNull()
    expect(adviseMax(3, null)).toBeNull()
  })
})
