import type { History as HistoryAnswer } from '@poolscope/protocol'
import { describe, expect, it } from 'vitest'
import { aPool, aReport, testAgent } from '../../test/support.ts'
import type { HistoryBody } from './history-store.ts'

const forever = new AbortController().signal
const parsed = (body: HistoryBody | undefined): HistoryAnswer =>
  JSON.parse(Buffer.from(body?.json ?? []).toString())

describe('History without a store', () => {
  it('answers with at most the asked rows and keeps a spike', async () => {
    const { fleet, history, tick } = await testAgent()
    for (let i = 0; i < 100; i++) {
      fleet.takeReport(aReport([aPool({ inUse: i === 41 ? 10 : 1 })]))
      tick(i === 0 ? 0 : 1000)
    }
    const id = fleet.snapshot().groups[0]?.id as string
    const answer = parsed(await history.of('group', id, { points: 10 }, forever))
    expect(answer.atMs).toHaveLength(10)
    expect(answer.stepMs).toBe(10_000)
    expect(answer.columns.inUse).toEqual([1, 1, 1, 1, 10, 1, 1, 1, 1, 1])
    for (const column of Object.values(answer.columns)) expect(column).toHaveLength(10)
    const average = parsed(await history.of('group', id, { points: 10, aggregate: 'avg' }, forever))
    // (9 · 1 + 10) / 10
    expect(average.columns.inUse?.[4]).toBe(1.9)
  })

  it('has a gap for each second without a tick', async () => {
    const { fleet, history, tick } = await testAgent()
    fleet.takeReport(aReport([aPool({ inUse: 4 })]))
    tick(0)
    tick(5000)
    const id = fleet.snapshot().pools[0]?.id as string
    const answer = parsed(await history.of('pool', id, {}, forever))
    expect(answer.columns.inUse).toEqual([4, null, null, null, null, null])
    expect(answer.columns.stale).toEqual([0, null, null, null, null, 1])
  })
})
