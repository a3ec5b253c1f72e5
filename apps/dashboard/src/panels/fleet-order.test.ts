import { POOL_COLUMNS, STATUSES, type Status } from '@poolscope/protocol'
import { act, cleanup, renderHook } from '@testing-library/react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { FLEET_QUERY, type FleetQuery } from '../lib/fleet-query.ts'
import { parseQuery } from '../lib/query-state.ts'
import { FleetView } from '../live/fleet-view.ts'
import { layOutFleet, orderFleet, useFleetOrder } from './fleet-order.ts'

type Pool = { id: string; service?: string; status?: Status; inUse?: number; waiting?: number | null }

function fleetOf(...pools: Pool[]): FleetView {
  const values = (pool: Pool): Record<string, number | null> => ({
    max: 10,
    inUse: pool.inUse ?? 1,
    waiting: pool.waiting ?? null,
    status: STATUSES.indexOf(pool.status ?? 'ok'),
  })
  return new FleetView(
    {
      atMs: 0,
      epoch: 1,
      droppedTotal: 0,
      alerts: null,
      groups: pools.map(({ id, service = 'shop' }) => ({
        id,
        service,
        name: id,
        system: 'postgresql',
        origin: 'probe',
        serverId: null,
      })),
      groupColumns: POOL_COLUMNS.map((column) => pools.map((pool) => values(pool)[column] ?? null)),
      groupNames: POOL_COLUMNS,
      groupReasons: new Map(),
      servers: [],
    },
    new Map(pools.map(({ id }, index) => [id, index])),
  )
}

const query = (search: string): FleetQuery => parseQuery(FLEET_QUERY, search)

describe('orderFleet', () => {
  const fleet = fleetOf(
    { id: 'calm' },
    { id: 'full', inUse: 9, waiting: 0 },
    { id: 'old', status: 'stale' },
    { id: 'queue', status: 'critical', inUse: 10, waiting: 3 },
    { id: 'jam', status: 'critical', inUse: 10, waiting: 30 },
  )
  it('puts the worst first, and among equals the longer queue, then the fuller', () => {
    expect(orderFleet(fleet, query(''))).toEqual(['jam', 'queue', 'old', 'full', 'calm'])
  })
  it('puts what is not known last in both directions', () => {
    expect(orderFleet(fleet, query('sort=waiting')).slice(3)).toEqual(['calm', 'old'])
    expect(orderFleet(fleet, query('sort=-waiting'))).toEqual(['jam', 'queue', 'full', 'calm', 'old'])
  })
  it('narrows by status and by words', () => {
    expect(orderFleet(fleet, query('status=critical'))).toEqual(['jam', 'queue'])
    expect(orderFleet(fleet, query('q=-status:critical+shop&sort=pool'))).toEqual(['calm', 'full', 'old'])
  })
})

describe('layOutFleet', () => {
  it('gathers under headings that carry the worst status and the count', () => {
    const fleet = fleetOf(
      { id: 'a', service: 'cart' },
      { id: 'b', service: 'shop', status: 'warning' },
      { id: 'c', service: 'cart' },
    )
    const items = layOutFleet(fleet, orderFleet(fleet, query('')), 'service', (id) => id)
    expect(items.map((item) => item.id)).toEqual(['heading shop', 'b', 'heading cart', 'a', 'c'])
    expect(items[2]).toMatchObject({ count: 2, worst: 'ok' })
  })
})

describe('useFleetOrder', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    cleanup()
    vi.useRealTimers()
  })

  const calm = fleetOf({ id: 'a' }, { id: 'b' })
  /** As each tick brings it: another object of the same numbers. */
  const alarm = () => fleetOf({ id: 'a' }, { id: 'b', status: 'critical' })
  const everything = query('')

  function show() {
    return renderHook(({ fleet, held }) => useFleetOrder(fleet, everything, held), {
      initialProps: { fleet: calm, held: false },
    })
  }

  it('follows the numbers with the tick five seconds later', () => {
    const { result, rerender } = show()
    for (let second = 1; second < 5; second += 1) {
      act(() => vi.advanceTimersByTime(1000))
      rerender({ fleet: alarm(), held: false })
      expect(result.current.ids).toEqual(['a', 'b'])
    }
    act(() => vi.advanceTimersByTime(1000))
    rerender({ fleet: alarm(), held: false })
    expect(result.current.ids).toEqual(['b', 'a'])
  })

  it('stands still while held, says how many rows would move, and moves them when asked', () => {
    const { result, rerender } = show()
    rerender({ fleet: alarm(), held: true })
    act(() => vi.advanceTimersByTime(15_000))
    rerender({ fleet: alarm(), held: true })
    expect(result.current.ids).toEqual(['a', 'b'])
    expect(result.current.moved).toBe(1)
    act(() => result.current.sortNow())
    expect(result.current.ids).toEqual(['b', 'a'])
    expect(result.current.moved).toBe(0)
  })

  it('lets go of what is gone at once, even while held', () => {
    const { result, rerender } = show()
    rerender({ fleet: fleetOf({ id: 'b' }), held: true })
    expect(result.current.ids).toEqual(['b'])
  })
})
