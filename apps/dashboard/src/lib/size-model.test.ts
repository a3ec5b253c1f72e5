import { describe, expect, it } from 'vitest'
import { parseQuery } from './query-state.ts'
import { readForm } from './size-form.ts'
import { answerOf, NO_POOL } from './size-model.ts'
import { SIZE_QUERY } from './size-query.ts'

const answer = (search: string) => answerOf(readForm(parseQuery(SIZE_QUERY, search), null), NO_POOL)

describe(answerOf, () => {
  it('knows nothing of an empty form', () => {
    expect(answer('')).toEqual({
      recommendation: null,
      refused: null,
      curve: null,
      chosen: null,
      paste: null,
    })
  })

  it('is the formula’s answer without traffic', () => {
    const { recommendation, chosen, curve, paste } = answer('?cores=4&disks=1')
    expect(recommendation).toMatchObject({ max: 9, binding: 'cores' }) // (4 x 2) + 1
    expect([chosen, curve, paste?.max, paste?.min]).toEqual([9, null, 9, 2])
  })

  it('divides the traffic among the instances and finds the size that it needs', () => {
    // 200/s x 10 ms = 2 busy, on 2 instances 1 each; 99 of 100 wait at most 20 ms with 3
    const { recommendation, curve } = answer('?rate=200&hold=10&instances=2&target=20')
    expect(curve).toMatchObject({ busy: 1, needed: 3 })
    expect(recommendation).toMatchObject({ max: 3, total: 6, binding: 'traffic' })
    const at = (size: number) => curve?.points.find((point) => point.size === size)
    expect(at(1)).toMatchObject({ p99: null, utilization: 1, timeouts: 1 })
    expect(at(2)?.p99).toBeCloseTo(35.07, 1)
    expect(at(2)?.utilization).toBe(0.5)
  })

  it('has a knee after which more helps little', () => {
    const { curve } = answer('?rate=1000&hold=20')
    const knee = curve?.knee ?? 0
    const p99 = (size: number) => curve?.points.find((point) => point.size === size)?.p99 ?? Number.NaN
    expect(knee).toBeGreaterThan(20) // 1000/s x 20 ms = 20 are busy
    expect(p99(knee) - p99(knee + 1)).toBeLessThan(2) // a tenth of 20 ms
    expect(p99(knee - 1) - p99(knee)).toBeGreaterThanOrEqual(2)
  })

  it('follows the replay of a loaded pool until other traffic is asked for', () => {
    const measured = { rate: 200, hold: 10, instances: 2, limit: 100 }
    const of = (search: string) =>
      answerOf(readForm(parseQuery(SIZE_QUERY, search), measured), { replayAdvises: 9, presentMax: 9 })
    const asRecorded = of('?cores=4')
    expect(asRecorded.recommendation).toMatchObject({ max: 9, binding: 'replay' })
    expect([asRecorded.chosen, asRecorded.paste?.max]).toEqual([9, 9])
    for (const other of ['?rate=300', '?hold=12', '?target=20', '?timeout=50', '?instances=3']) {
      expect(of(other).recommendation?.binding).toBe('traffic')
    }
  })

  it('looks at the size that is tried', () => {
    const { chosen, paste, recommendation } = answer('?cores=4&size=20&min=5&idle=30000&timeout=2000')
    expect(recommendation?.max).toBe(8)
    expect(chosen).toBe(20)
    expect(paste).toMatchObject({ max: 20, min: 5, idleTimeoutMs: 30_000, acquireTimeoutMs: 2000 })
  })

  it('says why there is no answer, and gives none that is not a number', () => {
    const absurd = answer('?rate=1000000&hold=86400000')
    expect(absurd.refused).toMatch(/ must /)
    const wrong = answer('?cores=banana&rate=5&hold=0')
    expect(wrong.recommendation).toBeNull()
    expect(JSON.stringify(answer('?rate=100000&hold=5000&cores=1&limit=100&instances=3'))).not.toMatch(/NaN/)
  })

  it('stays small for large pools', () => {
    const { curve } = answer('?rate=100000&hold=500')
    expect(curve?.busy).toBe(50_000)
    expect(curve?.points.length).toBeLessThan(100)
  })
})
