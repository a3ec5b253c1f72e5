import { describe, expect, it } from 'vitest'
import { aPool } from '../../test/support.ts'
import { LastReport } from './last-report.ts'

const hold = (heldMs: number) => ({ heldMs, sessionPid: 7, stack: null })

describe(LastReport, () => {
  it('knows of each holder what the last report said, and nothing of the one before', () => {
    const said = { quietMs: 5, running: false, transaction: 'open' as const, listening: true, gone: true }
    const last = new LastReport(aPool({ holders: [{ ...hold(900), ...said }, hold(100)] }))
    expect(last.holders).toMatchObject([{ heldMs: 900, ...said }, { heldMs: 100 }])
    last.take(aPool({ holders: [hold(300)] }))
    const notSaid = { quietMs: null, running: null, transaction: null, listening: false, gone: false }
    expect(last.holders).toEqual([{ ...hold(300), ...notSaid }])
    last.take(aPool({ holders: [hold(1300), hold(20)] }))
    expect(last.holders.map(({ heldMs }) => heldMs)).toEqual([1300, 20])
  })
})
