import { STATUSES, type Status } from '@poolscope/protocol'
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { matchesSearch, parseSearch } from '../lib/fleet-filter.ts'
import type { FleetGrouping, FleetQuery, FleetSort } from '../lib/fleet-query.ts'
import { compareBy, countChanged, countMoved, ranksOf, type SortKey } from '../lib/order.ts'
import type { FleetView } from '../live/hooks.ts'

/** A line of the fleet table: a pool group, or the heading of those gathered under one name. */
export type FleetItem =
  | { kind: 'group'; id: string }
  | { kind: 'heading'; id: string; name: string; count: number; worst: Status }

/**
 * The order follows the numbers with the first tick after this time, ms: with every fifth at a tick a second, often
 * enough for an incident, seldom enough to read.
 */
const SORT_AFTER_MS = 4500

const sum = (a: number | null, b: number | null) => (a === null || b === null ? null : a + b)

/** Callers that got no connection, per second: time-outs and errors. Null when either is not known. */
export function failedPerSec(fleet: FleetView, index: number): number | null {
  return sum(fleet.value(index, 'timeoutsPerSec'), fleet.value(index, 'errorsPerSec'))
}

function keyOf(fleet: FleetView, column: FleetSort): (index: number) => SortKey {
  switch (column) {
    case 'status':
      return (index) => severity(fleet, index)
    case 'pool':
      return (index) => nameRanks(fleet.groups)[index] as number
    case 'instances':
      return (index) => fleet.value(index, 'instances')
    case 'used':
      return (index) => {
        const inUse = fleet.value(index, 'inUse')
        const max = fleet.value(index, 'max')
        return inUse === null || max === null || max === 0 ? null : inUse / max
      }
    case 'waiting':
      return (index) => fleet.value(index, 'waiting')
    case 'wait':
      return (index) => fleet.value(index, 'waitP99Ms')
    case 'hold':
      return (index) => fleet.value(index, 'holdP99Ms')
    case 'checkouts':
      return (index) => fleet.value(index, 'checkoutsPerSec')
    case 'failed':
      return (index) => failedPerSec(fleet, index)
  }
}

/** Names change only with the fleet, and it is sorted again and again. */
const ranksByGroups = new WeakMap<FleetView['groups'], Uint32Array>()

function nameRanks(groups: FleetView['groups']): Uint32Array {
  let ranks = ranksByGroups.get(groups)
  if (ranks === undefined) {
    ranks = ranksOf(groups.map(({ service, name }) => `${service}/${name}`))
    ranksByGroups.set(groups, ranks)
  }
  return ranks
}

/** Worst first, and among equals the one with more callers waiting, then the fuller one. */
export function severity(fleet: FleetView, index: number): number {
  const rank = STATUSES.indexOf(fleet.status(index))
  const waiting = fleet.value(index, 'waiting')
  const inUse = fleet.value(index, 'inUse')
  const max = fleet.value(index, 'max')
  const crowd = waiting === null ? 0 : Math.min(waiting, 9999)
  const full = inUse === null || max === null || max === 0 ? 0 : Math.min(inUse / max, 1)
  return rank * 1e6 + crowd * 10 + full
}

/** The ids of the groups that a query finds, in its order, by the numbers of this moment. */
export function orderFleet(fleet: FleetView, query: FleetQuery): string[] {
  const terms = parseSearch(query.q)
  const found: number[] = []
  fleet.groups.forEach((group, index) => {
    const status = fleet.status(index)
    if (query.status.length > 0 && !query.status.includes(status)) return
    if (terms.length === 0 || matchesSearch({ ...group, status }, terms)) found.push(index)
  })
  const key = keyOf(fleet, query.sort.column)
  const keys = new Map(found.map((index) => [index, key(index)]))
  const ranks = nameRanks(fleet.groups)
  found.sort(
    compareBy(
      (index) => keys.get(index) ?? null,
      query.sort.descending,
      (index) => ranks[index] as number,
    ),
  )
  return found.flatMap((index) => fleet.groups[index]?.id ?? [])
}

/**
 * The order of the fleet table. It follows the numbers about every five seconds and stands still while
 * `held`, so that no row moves away from under a pointer; a changed query applies at once.
 * @returns the ids, how many rows a new sort would move while it stands still, and that new sort
 */
export function useFleetOrder(
  fleet: FleetView,
  query: FleetQuery,
  held: boolean,
): { ids: readonly string[]; moved: number; sortNow: () => void } {
  const now = useRef(fleet)
  now.current = fleet
  const heldNow = useRef(held)
  heldNow.current = held
  const { groups, ready } = fleet
  const [epoch, setEpoch] = useState(0)
  const [moved, setMoved] = useState(0)
  // A rising epoch asks for a sort by the numbers of now; the numbers alone never do.
  const order = useMemo(
    () => ({ ids: ready ? orderFleet(now.current, query) : [], epoch }),
    [query, epoch, ready],
  )
  const shown = useMemo(() => {
    const there = new Set(groups.map((group) => group.id))
    return order.ids.filter((id) => there.has(id))
  }, [order, groups])
  const count = groups.length
  const counted = useRef(count)
  useEffect(() => {
    // The first order has them all already.
    const first = counted.current === 0
    counted.current = count
    if (!first && count > 0 && !heldNow.current) setEpoch((last) => last + 1)
  }, [count])

  const looked = useRef({ fleet, order, atMs: Date.now() })
  // With a tick and before it is painted: rows that move are laid out together with their new numbers, not once more.
  useLayoutEffect(() => {
    const last = looked.current
    if (order !== last.order) looked.current = { fleet, order, atMs: Date.now() }
    else if (fleet !== last.fleet && Date.now() - last.atMs >= SORT_AFTER_MS) {
      looked.current = { fleet, order, atMs: Date.now() }
      if (heldNow.current) {
        const fresh = orderFleet(fleet, query)
        setMoved(countMoved(order.ids, fresh) + countChanged(order.ids, fresh))
      } else {
        setMoved(0)
        setEpoch((before) => before + 1)
      }
    }
  }, [fleet, query, order])

  const sortNow = useCallback(() => {
    setMoved(0)
    setEpoch((last) => last + 1)
  }, [])
  return { ids: shown, moved, sortNow }
}

/** The lines of the table: the groups as they stand, or under headings, the worst heading first. */
export function layOutFleet(
  fleet: FleetView,
  ids: readonly string[],
  grouping: FleetGrouping,
  nameOfServer: (serverId: string) => string,
): FleetItem[] {
  if (grouping === 'none') return ids.map((id) => ({ kind: 'group', id }))
  const indexOf = new Map(fleet.groups.map((group, index) => [group.id, index]))
  const under = new Map<string, { ids: string[]; worst: number }>()
  for (const id of ids) {
    const index = indexOf.get(id)
    const group = index === undefined ? undefined : fleet.groups[index]
    if (index === undefined || group === undefined) continue
    const server = group.serverId === null ? 'Server not known' : nameOfServer(group.serverId)
    const name = grouping === 'server' ? server : group[grouping]
    const gathered = under.get(name) ?? { ids: [], worst: 0 }
    gathered.ids.push(id)
    gathered.worst = Math.max(gathered.worst, STATUSES.indexOf(fleet.status(index)))
    under.set(name, gathered)
  }
  return [...under].flatMap(([name, gathered]): FleetItem[] => [
    {
      kind: 'heading',
      id: `heading ${name}`,
      name,
      count: gathered.ids.length,
      worst: STATUSES[gathered.worst] ?? 'unknown',
    },
    ...gathered.ids.map((id): FleetItem => ({ kind: 'group', id })),
  ])
}
