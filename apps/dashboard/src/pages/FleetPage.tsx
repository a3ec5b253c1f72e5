import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { useSearch } from 'wouter'
import { useLater } from '../lib/clock.ts'
import { useDocumentTitle } from '../lib/document-title.ts'
import { FLEET_GROUPS, FLEET_QUERY, type FleetQuery } from '../lib/fleet-query.ts'
import { formatCount } from '../lib/format.ts'
import { useHotkeys } from '../lib/hotkeys.ts'
import { useQueryState } from '../lib/query-state.ts'
import { withoutTime } from '../lib/time-range.ts'
import { useTimeRange } from '../lib/use-time-range.ts'
import { type FleetView, useFleet, useLiveStore } from '../live/hooks.ts'
import { FleetTable, type FleetTableHandle } from '../panels/FleetTable.tsx'
import { FleetToolbar } from '../panels/FleetToolbar.tsx'
import { layOutFleet, useFleetOrder } from '../panels/fleet-order.ts'
import { lastOpened } from '../panels/last-opened.ts'
import { NoPools } from '../panels/NoPools.tsx'
import { VerdictStrip } from '../panels/VerdictStrip.tsx'
import { Button } from '../ui/Button.tsx'
import { Notice } from '../ui/Notice.tsx'
import { Select } from '../ui/Select.tsx'
import styles from './FleetPage.module.css'

const GROUP_WORDS = { none: 'nothing', service: 'service', system: 'system', server: 'server' }
const GROUP_OPTIONS = FLEET_GROUPS.map((value) => ({ value, label: GROUP_WORDS[value] }))

/** What loads within this time, ms, needs no word. */
const LATE_MS = 200

/** "Which pool is in trouble?" */
export function FleetPage() {
  const fleet = useFleet()
  useDocumentTitle('Fleet')
  return (
    <>
      <h1 className="spoken">Fleet</h1>
      {fleet.ready && fleet.groups.length === 0 ? <NoPools servers={fleet.servers.length} /> : <Fleet />}
    </>
  )
}

/** All that needs no data is there at once, so that a search can be typed while the data is on its way. */
function Fleet() {
  const fleet = useFleet()
  const [query, setQuery] = useQueryState(FLEET_QUERY)
  const search = useSearch()
  useEffect(() => {
    const own = withoutTime(search)
    lastOpened.fleetHref = own === '' ? '/fleet' : `/fleet?${own}`
  }, [search])
  const store = useLiveStore()
  const range = useTimeRange()
  useEffect(() => store.past.showSparks(range), [store, range])
  const [held, setHeld] = useState(false)
  const { ids, moved, sortNow } = useFleetOrder(fleet, query, held)
  const table = useRef<FleetTableHandle>(null)
  const searchBox = useRef<HTMLInputElement>(null)
  const now = useRef(fleet)
  now.current = fleet
  const { group } = query
  const items = useMemo(
    () => layOutFleet(now.current, ids, group, (id) => now.current.server(id)?.name ?? id),
    [ids, group],
  )
  useHotkeys({
    '/': () => {
      searchBox.current?.focus()
      searchBox.current?.select()
    },
    r: sortNow,
  })
  const onSort = useCallback((sort: FleetQuery['sort']) => setQuery({ sort }), [setQuery])
  const focusTable = useCallback(() => table.current?.focusFirst(), [])
  const narrowed = query.q !== '' || query.status.length > 0
  return (
    <>
      <VerdictStrip />
      <FleetToolbar query={query} onChange={setQuery} searchRef={searchBox} onDown={focusTable} />
      <div className={styles.count}>
        {fleet.ready ? <Count fleet={fleet} shown={ids.length} narrowed={narrowed} /> : <Loading />}
        <div className={styles.tools}>
          {moved > 0 && (
            <Button icon="down" onClick={sortNow}>
              Re-sort ({formatCount(moved)} moved)
            </Button>
          )}
          <Select
            label="Group by"
            value={query.group}
            options={GROUP_OPTIONS}
            onChange={(chosen) => setQuery({ group: chosen })}
          />
        </div>
      </div>
      {fleet.ready && ids.length === 0 ? (
        <Notice
          title="No pool matches"
          actions={<Button onClick={() => setQuery({ q: '', status: [] })}>Clear search and filter</Button>}
        >
          <p>
            None of the {formatCount(fleet.groups.length)} pools fits what is asked for
            {query.status.length > 0 && ` with the status ${query.status.join(' or ')}`}.
          </p>
        </Notice>
      ) : (
        <FleetTable
          ref={table}
          items={fleet.ready ? items : null}
          sort={query.sort}
          onSort={onSort}
          onHold={setHeld}
        />
      )}
    </>
  )
}

function Loading() {
  return <p role="status">{useLater(LATE_MS) && 'Loading the fleet'}</p>
}

function Count({ fleet, shown, narrowed }: { fleet: FleetView; shown: number; narrowed: boolean }) {
  return (
    <p>
      {narrowed ? `${formatCount(shown)} of ${formatCount(fleet.groups.length)}` : formatCount(shown)}{' '}
      {shown === 1 && !narrowed ? 'pool' : 'pools'}
      {fleet.droppedTotal > 0 && (
        <span title="Samples, pools and frames that the agent left out since it started">
          {' '}
          · {formatCount(fleet.droppedTotal)} dropped by the agent
        </span>
      )}
    </p>
  )
}
