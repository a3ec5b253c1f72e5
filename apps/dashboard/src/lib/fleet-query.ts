import { STATUSES, type Status } from '@poolscope/protocol'
import { type QuerySchema, type Sort, sortParam, textParam, wordParam, wordsParam } from './query-state.ts'

/** The columns that the fleet sorts by. */
const FLEET_SORTS = [
  'status',
  'pool',
  'instances',
  'used',
  'waiting',
  'wait',
  'hold',
  'checkouts',
  'failed',
] as const
export type FleetSort = (typeof FLEET_SORTS)[number]

/** What the rows of the fleet can be gathered under. */
export const FLEET_GROUPS = ['none', 'service', 'system', 'server'] as const
export type FleetGrouping = (typeof FLEET_GROUPS)[number]

/** The state of the fleet page. */
export type FleetQuery = {
  q: string
  status: readonly Status[]
  sort: Sort<FleetSort>
  group: FleetGrouping
}

/** How the fleet page's state stands in its address; the worst comes first until told otherwise. */
export const FLEET_QUERY: QuerySchema<FleetQuery> = {
  q: textParam(),
  status: wordsParam(STATUSES),
  sort: sortParam(FLEET_SORTS, { column: 'status', descending: true }),
  group: wordParam(FLEET_GROUPS, 'none'),
}
