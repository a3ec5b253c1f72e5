import type { HolderReport } from '@poolscope/protocol'
import { describe, expect, it } from 'vitest'
import { type HoldSession, holdState } from './activity.ts'

const held = (over: Partial<HolderReport> = {}): HolderReport => ({
  heldMs: 9000,
  sessionPid: 7,
  stack: null,
  quietMs: 8000,
  running: false,
  transaction: 'none',
  ...over,
})
/** What a sender in another language knows: nothing of what runs. */
const plain: HolderReport = { heldMs: 9000, sessionPid: 7, stack: null }
const session = (
  state: string,
  over: Partial<HoldSession['state']> = {},
  inspection: Partial<NonNullable<HoldSession['inspection']>> = {},
): HoldSession => ({
  state: {
    state,
    waitEventType: 'Client',
    waitEvent: 'ClientRead',
    stateMs: 4000,
    transactionMs: null,
    ...over,
  },
  inspection: {
    pid: 7,
    lastStatement: 'SELECT ?',
    statementMs: 4000,
    blockedBy: [],
    locks: null,
    ...inspection,
  },
})
const working = { waitEventType: null, waitEvent: null }

describe(holdState, () => {
  it.each([
    [held({ running: true, quietMs: 0 }), null, 'running'],
    [held(), null, 'idle'],
    [held({ transaction: 'open' }), null, 'idle_in_transaction'],
    [held({ transaction: 'failed' }), null, 'idle_in_transaction'],
    [held({ gone: true }), session('idle'), 'gone'],
    [plain, null, 'unknown'],
    [plain, session('unknown', working), 'unknown'],
    [plain, session('active', working), 'running'],
    [plain, session('idle'), 'idle'],
    [plain, session('idle in transaction'), 'idle_in_transaction'],
    [plain, session('idle in transaction (aborted)'), 'idle_in_transaction'],
    [held(), session('active', { waitEventType: 'Lock', waitEvent: 'transactionid' }), 'blocked'],
    [held(), session('active', working, { blockedBy: [9] }), 'blocked'],
  ])('%j with %j is %s', (hold, atServer, activity) => {
    expect(holdState(hold, atServer).activity).toBe(activity)
  })

  it('takes a hold for at work that either the process or the server sees at work', () => {
    expect(holdState(held({ running: true }), session('idle')).activity).toBe('running')
    expect(holdState(held(), session('active', working)).activity).toBe('running')
  })

  it('does not take for at work what only waits for its client', () => {
    const cursor = session('active', { transactionMs: 8000 })
    expect(holdState(held({ transaction: 'open' }), cursor)).toMatchObject({
      activity: 'idle_in_transaction',
      quietMs: 8000,
    })
    const unread = session('active', { waitEventType: null, waitEvent: 'Writing to net' })
    expect(holdState(held({ transaction: null }), unread).activity).toBe('idle')
  })

  it('is not quiet while a statement runs or waits for a lock', () => {
    expect(holdState(held(), session('active', working)).quietMs).toBe(0)
    expect(holdState(held(), session('active', { waitEventType: 'Lock' })).quietMs).toBe(0)
  })

  it('knows quietness from the server where the process tells none, and never more than the hold', () => {
    expect(holdState(plain, session('idle', { stateMs: 4000 })).quietMs).toBe(4000)
    expect(holdState(plain, session('idle', { stateMs: 60_000 })).quietMs).toBe(9000)
    expect(holdState(plain, null).quietMs).toBeNull()
  })

  it('asks the server for a transaction only where the process does not know', () => {
    expect(holdState(held({ transaction: null }), session('idle in transaction')).transaction).toBe('open')
    expect(holdState(plain, session('idle in transaction (aborted)')).transaction).toBe('failed')
    expect(holdState(plain, session('active', { ...working, transactionMs: 10 })).transaction).toBe('open')
    expect(holdState(plain, session('idle')).transaction).toBe('none')
    expect(holdState(plain, null).transaction).toBeNull()
    expect(holdState(held({ transaction: 'open' }), session('idle')).transaction).toBe('open')
  })

  it('knows a listener by its process, or by the last statement', () => {
    expect(holdState(held({ listening: true }), null).listening).toBe(true)
    expect(holdState(held(), session('idle', {}, { lastStatement: 'LISTEN orders' })).listening).toBe(true)
    expect(holdState(held(), session('idle')).listening).toBe(false)
  })
})
