import {
  type AlertCounts,
  type Columns,
  type GroupIdentity,
  POOL_COLUMNS,
  type PoolColumn,
  type ServerNow,
  STATUSES,
  type Status,
} from '@poolscope/protocol'

/** One state of the fleet: identities, and one array a column in their order. */
export type FleetFrame = {
  atMs: number
  epoch: number
  droppedTotal: number
  alerts: AlertCounts | null
  groups: readonly GroupIdentity[]
  groupColumns: Columns
  groupNames: readonly string[]
  groupReasons: ReadonlyMap<number, string>
  servers: readonly ServerNow[]
}

const EMPTY: FleetFrame = {
  atMs: 0,
  epoch: 0,
  droppedTotal: 0,
  alerts: null,
  groups: [],
  groupColumns: [],
  groupNames: POOL_COLUMNS,
  groupReasons: new Map(),
  servers: [],
}

/** The numbers of one pool group by name. */
export type GroupView = {
  /** Null when not known. */
  value: (column: PoolColumn) => number | null
  status: Status
  /** The status in one sentence; null when ok. */
  reason: string | null
}

/**
 * The fleet at one tick. It never changes: a later tick is another view, so that what is paused
 * stays as it is. `ready` is false until anything is known.
 */
export class FleetView {
  readonly ready: boolean
  readonly atMs: number
  /** Rises whenever groups or servers come or go. */
  readonly epoch: number
  readonly groups: readonly GroupIdentity[]
  readonly servers: readonly ServerNow[]
  /** Samples, pools and frames that the agent left out since it started. */
  readonly droppedTotal: number
  /** How many alerts there are; null before the first word of the live stream. */
  readonly alerts: AlertCounts | null
  readonly #frame: FleetFrame
  readonly #indexOf: ReadonlyMap<string, number>
  readonly #columnOf: ReadonlyMap<string, number>

  /**
   * @param frame null for "nothing known yet"
   * @param indexOf places of the groups by id
   */
  constructor(frame: FleetFrame | null, indexOf: ReadonlyMap<string, number>) {
    this.#frame = frame ?? EMPTY
    this.ready = frame !== null
    this.atMs = this.#frame.atMs
    this.epoch = this.#frame.epoch
    this.groups = this.#frame.groups
    this.servers = this.#frame.servers
    this.droppedTotal = this.#frame.droppedTotal
    this.alerts = this.#frame.alerts
    this.#indexOf = indexOf
    this.#columnOf = new Map(this.#frame.groupNames.map((name, index) => [name, index]))
  }

  /** The place of a group in `groups`; −1 when it is not there. */
  indexOf(id: string): number {
    return this.#indexOf.get(id) ?? -1
  }

  /** A number of the group at a place; null when it, or the group, is not known. */
  value(index: number, column: PoolColumn): number | null {
    const values = this.#frame.groupColumns[this.#columnOf.get(column) ?? -1]
    return values?.[index] ?? null
  }

  /** How the group at a place stands; `unknown` when there is none. */
  status(index: number): Status {
    const code = this.value(index, 'status')
    return (code === null ? undefined : STATUSES[code]) ?? 'unknown'
  }

  /** The status of the group at a place in one sentence; null when ok. */
  reason(index: number): string | null {
    return this.#frame.groupReasons.get(index) ?? null
  }

  /** The group at a place, with its numbers by name. */
  group(index: number): GroupView {
    return {
      value: (column) => this.value(index, column),
      status: this.status(index),
      reason: this.reason(index),
    }
  }

  /** The server of an id; undefined when it is not watched. */
  server(id: string): ServerNow | undefined {
    return this.servers.find((server) => server.id === id)
  }
}
