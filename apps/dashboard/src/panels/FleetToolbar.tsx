import { STATUSES, type Status } from '@poolscope/protocol'
import { memo, type Ref, useEffect, useState } from 'react'
import type { FleetQuery } from '../lib/fleet-query.ts'
import { suggestSearches } from '../lib/fleet-suggest.ts'
import { formatCount } from '../lib/format.ts'
import type { QueryHistory } from '../lib/query-state.ts'
import { type FleetView, useFleet, useLiveStore } from '../live/hooks.ts'
import { Chip, ChipSet } from '../ui/Chip.tsx'
import { SearchBox } from '../ui/SearchBox.tsx'
import { STATUS_WORDS, StatusShape } from '../ui/StatusMark.tsx'
import styles from './FleetToolbar.module.css'

/** Always there, so that nothing jumps when the last trouble is over; the others only when they occur. */
const ALWAYS: readonly Status[] = ['critical', 'warning', 'ok']

/** What narrows the fleet: counts of each status as switches, and the search. */
export const FleetToolbar = memo(function FleetToolbar({
  query,
  onChange,
  searchRef,
  onDown,
}: {
  query: FleetQuery
  onChange: (patch: Partial<FleetQuery>, history?: QueryHistory) => void
  searchRef: Ref<HTMLInputElement>
  onDown: () => void
}) {
  const { q, status } = query
  const store = useLiveStore()
  // Typing must not wait for the address; what comes from the address (Back, a link) wins.
  const [text, setText] = useState(q)
  useEffect(() => setText(q), [q])
  return (
    <div className={styles.toolbar}>
      <StatusChips chosen={status} onChange={(chosen) => onChange({ status: chosen })} />
      <SearchBox
        ref={searchRef}
        label="Search pools"
        placeholder="Search: orders, service:checkout, status:critical"
        hint="/"
        value={text}
        suggest={(begun) => suggestSearches(begun, store.view.groups)}
        onChange={(next) => {
          setText(next)
          onChange({ q: next }, 'replace')
        }}
        onDown={onDown}
      />
    </div>
  )
})

function countStatuses(fleet: FleetView): { status: Status; count: number | null }[] {
  if (!fleet.ready) return STATUSES.map((status) => ({ status, count: null }))
  const counts = STATUSES.map((status) => ({ status, count: 0 }))
  for (let index = 0; index < fleet.groups.length; index += 1) {
    const entry = counts[STATUSES.indexOf(fleet.status(index))]
    if (entry !== undefined) entry.count += 1
  }
  return counts
}

function StatusChips({
  chosen,
  onChange,
}: {
  chosen: readonly Status[]
  onChange: (chosen: readonly Status[]) => void
}) {
  const fleet = useFleet()
  const shown = countStatuses(fleet)
    .toReversed()
    .filter(
      ({ status, count }) =>
        ALWAYS.includes(status) || (count !== null && count > 0) || chosen.includes(status),
    )
  return (
    <ChipSet legend="Filter by status">
      {shown.map(({ status, count }) => (
        <Chip
          key={status}
          pressed={chosen.includes(status)}
          onPress={() =>
            onChange(chosen.includes(status) ? chosen.filter((one) => one !== status) : [...chosen, status])
          }
        >
          <StatusShape status={status} />
          <span>
            <strong>{formatCount(count)}</strong> {STATUS_WORDS[status]}
          </span>
        </Chip>
      ))}
    </ChipSet>
  )
}
