import type { PoolNow, ServerNow } from '@poolscope/protocol'
import { describe, expect, it } from 'vitest'
import { aPool, aReport, aSample, aSession, manualClock, SERVER } from '../../test/support.ts'
import { Fleet } from '../fleet/fleet.ts'
import { Notice } from './notice.ts'

function start() {
  const clock = manualClock()
  const fleet = new Fleet({ now: clock.now, tickMs: 1000 })
  const notice = new Notice()
  const take = () => {
    clock.advance(1000)
    return notice.take(fleet.snapshot())
  }
  return { clock, fleet, take }
}

describe(Notice, () => {
  it('marks a process that began anew once, however many pools it has', () => {
    const { fleet, take } = start()
    const pools = [aPool({ name: 'a' }), aPool({ name: 'b' })]
    fleet.takeReport(aReport(pools))
    expect(take()).toEqual([])
    fleet.takeReport(aReport(pools))
    expect(take()).toEqual([])
    fleet.takeReport(aReport(pools, { startedAtMs: 1_699_999_500_000 }))
    expect(take()).toMatchObject([
      { kind: 'probe_restart', service: 'checkout', poolId: null, text: 'checkout began anew on host-a:1.' },
    ])
    expect(take()).toEqual([])
  })

  it('marks a changed limit of a pool group once for all instances', () => {
    const { fleet, take } = start()
    const report = (max: number) => {
      for (const instance of ['a', 'b']) fleet.takeReport(aReport([aPool({ max })], { instance }))
    }
    report(10)
    take()
    report(25)
    const groupId = (fleet.snapshot().pools[0] as PoolNow).groupId
    expect(take()).toMatchObject([
      { kind: 'config_change', poolId: groupId, text: 'The limit of orders went from 10 to 25.' },
    ])
    expect(take()).toEqual([])
  })

  it('marks a server’s restart and its changed limit, but no rounding of its age', () => {
    const { fleet, clock, take } = start()
    fleet.addServer(SERVER)
    const begunMs = clock.atMs - 86_400_000
    const sample = (over: Partial<Pick<ServerNow, 'startedAtMs'>> & { maxConnections?: number }) => {
      const one = { ...aSample(clock.atMs, [aSession()]), startedAtMs: begunMs, ...over }
      fleet.takeServer(SERVER.id, { state: 'up', error: null, sample: one })
    }
    sample({})
    expect(take()).toEqual([])
    sample({ startedAtMs: begunMs + 900 })
    expect(take()).toEqual([])
    sample({ startedAtMs: clock.atMs, maxConnections: 200 })
    expect(take()).toMatchObject([
      { kind: 'server_restart', serverId: SERVER.id, service: null },
      {
        kind: 'config_change',
        serverId: SERVER.id,
        text: 'The connection limit of 127.0.0.1:5432 went from 100 to 200.',
      },
    ])
  })
})
