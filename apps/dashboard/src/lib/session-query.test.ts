import type { Session } from '@poolscope/protocol'
import { describe, expect, it } from 'vitest'
import { parseQuery } from './query-state.ts'
import { SESSION_QUERY, selectSessions } from './session-query.ts'

const session = (pid: number, change: Partial<Session> = {}): Session => ({
  pid,
  application: 'checkout',
  user: 'shop',
  database: 'shop',
  clientAddress: null,
  state: 'idle',
  waitEventType: null,
  waitEvent: null,
  connectedMs: 1000,
  stateMs: 10,
  transactionMs: null,
  poolId: null,
  ...change,
})

const sessions = [
  session(3, { state: 'idle in transaction', transactionMs: 9000 }),
  session(11, { application: 'billing', state: 'active', transactionMs: 20 }),
  session(2),
  session(10),
]
const pids = (search: string) =>
  selectSessions(sessions, parseQuery(SESSION_QUERY, search)).map(({ pid }) => pid)

describe('selectSessions', () => {
  it('puts the longest transactions first and those without one last', () => {
    expect(pids('')).toEqual([3, 11, 2, 10])
  })
  it('narrows by exact values and by words', () => {
    expect(pids('app=billing')).toEqual([11])
    expect(pids('state=idle')).toEqual([2, 10])
    expect(pids('q=checkout+transaction')).toEqual([3])
    expect(pids('q=nobody')).toEqual([])
  })
  it('sorts numbers as numbers', () => {
    expect(pids('sort=-pid')).toEqual([11, 10, 3, 2])
  })
})
