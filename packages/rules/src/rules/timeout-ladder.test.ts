import type { PoolNow } from '@poolscope/protocol'
import { type Claim, holdRule } from '../../test/claims.ts'
import { BLIND, groupWindow, pool, server, settingsOf } from '../../test/windows.ts'
import type { GroupRule } from '../rule.ts'
import type { GroupWindow } from '../windows.ts'
import { timeoutLadder } from './timeout-ladder.ts'

const set = (values: Record<string, number>) =>
  groupWindow({ min: 0 }, { server: server(settingsOf(values)) })

/** Instances on a server that ends idle sessions after a minute. */
const aged = (...instances: Partial<PoolNow>[]) => ({
  ...set({ idle_session_timeout: 60_000 }),
  pools: instances.map((over) => pool({ min: 0, idleTimeoutMs: null, ...over })),
})

/** The rule where somebody told how long a request and the load balancer wait. */
const told = (requestMs: number, balancerMs: number): GroupRule => ({
  ...timeoutLadder,
  id: `timeout-ladder, told ${requestMs} and ${balancerMs} ms`,
  settings: { requestMs, balancerMs },
})
// The pool gives up after 3 s.
holdRule(told(3001, 3002), [
  ['is silent in order', set({}), 'ok'],
  ['is silent where the statement fits in between', set({ statement_timeout: 3000.5 }), 'ok'],
  ['speaks when a statement may outlast its request', set({ statement_timeout: 3001 }), 'warn'],
  ['knows no more of the server', groupWindow({}, { server: null }), 'unknown'],
])
holdRule(told(3000, 60_000), [
  ['speaks when callers wait longer than their request', set({}), 'warn'],
  ['needs no server for that', groupWindow({}, { server: null }), 'warn'],
  ['leaves alone who never gives up', groupWindow({ acquireTimeoutMs: null }, { server: null }), 'unknown'],
])
holdRule(told(60_000, 60_000), [['speaks when the balancer gives up first', set({}), 'warn']])
holdRule(told(0, 3000), [['skips what it was not told', set({}), 'warn']])

holdRule(timeoutLadder, [
  ['is silent when the pool closes first', set({ idle_session_timeout: 60_000 }), 'ok'],
  ['speaks when the server closes at the same moment', set({ idle_session_timeout: 20_000 }), 'warn'],
  [
    'speaks when the pool never closes',
    groupWindow({ idleTimeoutMs: null }, { server: server(settingsOf({ wait_timeout: 28_800_000 })) }),
    'warn',
  ],
  ['is silent when a greatest age ends them before', aged({ maxLifetimeMs: 59_999 }), 'ok'],
  ['speaks when that age is no lower', aged({ maxLifetimeMs: 60_000 }), 'warn'],
  ['speaks when one instance of several keeps them longer', aged({ maxLifetimeMs: 59_999 }, {}), 'warn'],
  ['speaks when the pool keeps one open all the same', aged({ min: 1, idleTimeoutMs: 20_000 }), 'warn'],
  ['is silent when its age ends that one too', aged({ min: 1, maxLifetimeMs: 59_999 }), 'ok'],
  ['is silent where the server never closes', set({ idle_session_timeout: 0 }), 'ok'],
  ['speaks when waiting may last longer than the work', set({ statement_timeout: 2999 }), 'warn'],
  ['speaks when it may last as long', set({ statement_timeout: 3000 }), 'warn'],
  ['is silent when the work may last longer', set({ statement_timeout: 3001 }), 'ok'],
  ['cannot tell without a watched server', groupWindow({}, { server: null }), 'unknown'],
  ['cannot tell while the server is silent', groupWindow({}, { server: server({ stale: true }) }), 'unknown'],
  ...BLIND.map(([when, window]): Claim<GroupWindow> => [`cannot tell ${when}`, window, 'unknown']),
])
