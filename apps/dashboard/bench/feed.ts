import {
  type Fleet,
  type FleetHistory,
  type GroupMessage,
  type HelloMessage,
  type History,
  POOL_COLUMNS,
  SERVER_COLUMNS,
  SERVER_STATES,
  STATUSES,
} from '@poolscope/protocol'
import { ApiError } from '../src/api/api-error.ts'
import { browserEnvironment, type Environment, type SocketEvents } from '../src/live/environment.ts'
import { holderOf } from '../src/live/fake-holder.ts'
import { CALM } from '../src/live/fake-messages.ts'
import { groupId, groupNow, poolColumns, poolNow, poolValue, serverColumns, serverNow } from './values.ts'

/** Different ticks that are sent in turn; prepared, so that making them costs the page nothing. */
const PREPARED = 40
const HISTORY_TICKS = 300

/** An agent inside of the page: the messages are what the real one would send, as text. */
export type Feed = {
  env: Environment
  /** Sends one tick now. */
  tick: () => void
  /** Sends a tick every `tickMs` until `stop`. */
  run: () => void
  stop: () => void
  /** The text of one tick, to measure what taking it in costs. */
  tickText: (sequence: number) => string
}

/** @param groups pool groups of the fleet; the first one's detail is sent to who asks for it */
export function createFeed(groups: number, tickMs: number): Feed {
  let events: SocketEvents | null = null
  let sequence = 0
  let topics: readonly string[] = []
  let timer: number | undefined
  const identities = Array.from({ length: groups }, (_, group) => groupNow(group, 0, Date.now()))
  const prepared = Array.from({ length: PREPARED }, (_, step) => {
    const columns = { groups: poolColumns(groups, step), pools: [], servers: serverColumns(step) }
    return JSON.stringify({
      droppedTotal: 0,
      alerts: CALM,
      ...columns,
      reasons: { groups: [], servers: [] },
    }).slice(1)
  })
  const tickText = (number: number) =>
    `{"type":"tick","topic":"groups","sequence":${number},"epoch":1,"atMs":${Date.now()},${prepared[number % PREPARED]}`
  const fleet = (): Fleet => ({
    atMs: Date.now(),
    groups: identities.map((identity) => ({ ...identity, atMs: Date.now() })),
    pools: [],
    servers: [serverNow(Date.now())],
    droppedTotal: 0,
  })
  const hello = (): HelloMessage => ({
    type: 'hello',
    protocol: 1,
    agentVersion: '0.0.0',
    tickMs,
    atMs: Date.now(),
    poolColumns: POOL_COLUMNS,
    serverColumns: SERVER_COLUMNS,
    statuses: STATUSES,
    serverStates: SERVER_STATES,
    fleet: fleet(),
    alerts: CALM,
  })
  const catalogue = () => ({
    type: 'catalogue',
    topic: 'groups',
    epoch: 1,
    groups: identities.map(({ id, service, name, system, origin, serverId }) => ({
      id,
      service,
      name,
      system,
      origin,
      serverId,
    })),
    pools: [],
    servers: [serverNow(0)],
  })
  const detail = (group: number): GroupMessage => {
    const atMs = Date.now()
    const pools = [0, 1, 2].map((instance) => poolNow(group, instance, sequence, atMs))
    const holders = Array.from({ length: 20 }, (_, index) =>
      holderOf(4000 + index, {
        poolId: pools[index % 3]?.id ?? '',
        instance: pools[index % 3]?.instance ?? '',
        sinceMs: atMs - 100 * index,
        heldMs: 100 * index,
        stack: index % 4 === 0 ? ['getCart (src/cart.js:88:12)', 'handle (src/http.js:20:3)'] : null,
      }),
    )
    return {
      type: 'group',
      id: groupId(group),
      sequence,
      atMs,
      group: groupNow(group, sequence, atMs),
      pools,
      holders: {
        atMs,
        total: holders.length,
        holders: holders.reverse(),
        lateReturns: { total: 0, last: null },
      },
    }
  }
  const times = () =>
    Array.from({ length: HISTORY_TICKS }, (_, i) => Date.now() - (HISTORY_TICKS - i) * tickMs)
  const history = (group: number): History => ({
    fromMs: 0,
    toMs: Date.now(),
    stepMs: tickMs,
    atMs: times(),
    columns: Object.fromEntries(
      POOL_COLUMNS.map((column) => [
        column,
        Array.from({ length: HISTORY_TICKS }, (_, step) => poolValue(column, group, step)),
      ]),
    ),
  })
  const fleetHistory = (): FleetHistory => ({
    fromMs: 0,
    toMs: Date.now(),
    stepMs: 5000,
    atMs: Array.from({ length: 60 }, (_, i) => Date.now() - (60 - i) * 5000),
    column: 'inUse',
    groups: Object.fromEntries(
      identities.map(({ id }, group) => [
        id,
        Array.from({ length: 60 }, (_, step) => poolValue('inUse', group, step * 5)),
      ]),
    ),
  })
  const answer = async (path: string): Promise<unknown> => {
    if (path === '/api/v1/fleet?pools=false') return fleet()
    if (path.startsWith('/api/v1/fleet/history')) return fleetHistory()
    const found = /groups\/group-(\d+)\/history/.exec(path)
    if (found !== null) return history(Number(found[1]))
    throw new ApiError('not_found', 'There is no such thing here.', 404)
  }
  const tick = () => {
    sequence += 1
    events?.onMessage(tickText(sequence))
    for (const topic of topics) {
      const found = /^group:group-(\d+)$/.exec(topic)
      if (found !== null) events?.onMessage(JSON.stringify(detail(Number(found[1]))))
    }
  }
  const env: Environment = {
    ...browserEnvironment(answer),
    openSocket: (told) => {
      events = told
      setTimeout(() => {
        told.onMessage(JSON.stringify(hello()))
        told.onMessage(JSON.stringify(catalogue()))
        tick()
      }, 0)
      return {
        send: (text) => {
          topics = (JSON.parse(text) as { topics: string[] }).topics
        },
        close: () => {
          events = null
        },
      }
    },
  }
  return {
    env,
    tick,
    tickText,
    run: () => {
      clearInterval(timer)
      timer = window.setInterval(tick, tickMs)
    },
    stop: () => clearInterval(timer),
  }
}
