import {
  type AlertCounts,
  type BlackBox,
  type HelloMessage,
  POOL_COLUMNS,
  PROTOCOL_VERSION,
  SERVER_COLUMNS,
  SERVER_STATES,
  STATUSES,
} from '@poolscope/protocol'
import { type Environment, windowEnvironment } from './environment.ts'
import { LiveStore } from './live-store.ts'

const NO_ALERTS: AlertCounts = { firing: { info: 0, warn: 0, critical: 0 }, pending: 0 }

/**
 * A live store whose agent is a black box: it says once what was true as the box was closed, knows the minutes before
 * that, and nothing ever happens again. So every panel shows a file as it shows what is live.
 */
export function frozenStore(box: BlackBox): LiveStore {
  const environment: Environment = {
    ...windowEnvironment(),
    openSocket: ({ onMessage }) => {
      queueMicrotask(() => onMessage(JSON.stringify(helloOf(box))))
      return { send: () => undefined, close: () => undefined }
    },
    fetchJson: async (path) => {
      const id = /^\/api\/v1\/(?:groups|pools|servers)\/([^/]+)\/history/.exec(path)?.[1]
      return id === undefined ? null : (box.histories[decodeURIComponent(id)] ?? null)
    },
    // What was said once stays true: no time runs out.
    setTimer: () => 0,
    clearTimer: () => undefined,
  }
  return new LiveStore(environment)
}

function helloOf({ moments, histories }: BlackBox): HelloMessage {
  const last = moments.at(-1)
  const steps = Object.values(histories).map(({ stepMs }) => stepMs)
  return {
    type: 'hello',
    protocol: PROTOCOL_VERSION,
    agentVersion: '',
    tickMs: Math.max(1000, ...steps),
    atMs: last?.atMs ?? 0,
    poolColumns: POOL_COLUMNS,
    serverColumns: SERVER_COLUMNS,
    statuses: STATUSES,
    serverStates: SERVER_STATES,
    fleet: {
      atMs: last?.atMs ?? 0,
      groups: last?.groups ?? [],
      pools: [],
      servers: last?.servers ?? [],
      droppedTotal: 0,
    },
    alerts: NO_ALERTS,
  }
}
