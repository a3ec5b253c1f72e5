import { Long } from 'mongodb'
import { describe, expect, it } from 'vitest'
import { mongodbDetails, mongodbSlowDetails, replicationDetails } from './mongodb-details.ts'
import { describeMongodbFailure, HungUpError } from './mongodb-errors.ts'
import { currentOpCommand, readOps } from './mongodb-ops.ts'
import { MongodbStatements } from './mongodb-statements.ts'
import { Rates } from './rates.ts'

// Documents in the shape that the manual of MongoDB 8 gives them; none was taken from a server.
const client = (connectionId: number, more: object = {}) => ({
  type: 'op',
  connectionId,
  client: `10.0.0.${connectionId}:40000`,
  appName: 'shop',
  effectiveUsers: [{ user: 'app', db: 'admin' }],
  active: false,
  ...more,
})
const running = (op: string, more: object = {}) => ({ active: true, opid: 7, op, ns: 'shop.orders', ...more })
const read = (...firstBatch: object[]) => readOps({ cursor: { firstBatch } }, 1)

describe(readOps, () => {
  it('counts each connection once, by what it does', () => {
    const list = read(
      client(1, running('command')),
      client(2, running('query', { microsecs_running: 2500 })),
      client(3),
      client(4),
      { ...client(4), type: 'idleSession', transaction: { timeOpenMicros: 9e6, timeInactiveMicros: 4e6 } },
    )
    expect(list).toMatchObject({ active: 1, idle: 1, idleInTransaction: 1, others: 1 })
    expect(list.sessions.map(({ pid, state }) => [pid, state])).toEqual([
      [2, 'active'],
      [3, 'idle'],
      [4, 'idle in transaction'],
    ])
    expect(list.sessions[2]).toMatchObject({ stateMs: 4000, transactionMs: 9000, clientAddress: '10.0.0.4' })
    expect(list.runs).toEqual([
      { opid: '2 7', text: 'find shop.orders', user: 'app', database: 'shop', elapsedMs: 2.5 },
    ])
  })

  it('takes a client that waits to be told of changes for an idle one', () => {
    const list = read(client(2, running('command', { command: { hello: 1 }, ns: 'admin.$cmd' })))
    expect(list).toMatchObject({ active: 0, idle: 1, runs: [] })
  })

  it('counts other members of the cluster apart from clients', () => {
    const list = read(client(2, { effectiveUsers: [{ user: '__system', db: 'local' }] }))
    expect(list).toMatchObject({ idle: 0, others: 1, sessions: [] })
  })

  it('names a client without a name by its driver', () => {
    const { sessions } = read(
      client(2, { appName: undefined, clientMetadata: { driver: { name: 'PyMongo' } } }),
    )
    expect(sessions[0]?.application).toBe('PyMongo')
  })

  it.each([
    ['getmore', {}, 'getMore shop.orders'],
    ['command', { aggregate: 'orders' }, 'aggregate shop.orders'],
    ['command', { findAndModify: 'orders' }, 'findAndModify shop.orders'],
    ['command', { somethingNew: 1 }, 'command shop.orders'],
  ])('names %s %j', (op, command, text) => {
    expect(read(client(2, running(op, { command }))).runs[0]?.text).toBe(text)
  })
})

describe(currentOpCommand, () => {
  it('asks for no value of a command, but where it looks', () => {
    const text = JSON.stringify(currentOpCommand(false))
    expect(text).not.toMatch(/"command(\.(filter|pipeline|documents|updates|q|update))?":/)
    expect(text).not.toContain('localOps')
    expect(JSON.stringify(currentOpCommand(true))).toContain('"localOps":true')
  })
})

describe(MongodbStatements, () => {
  it('counts a run once, and its time as it goes on', () => {
    const statements = new MongodbStatements()
    const run = { opid: '2 7', text: 'find shop.orders', user: 'app', database: 'shop' }
    statements.take([{ ...run, elapsedMs: 500 }])
    statements.take([{ ...run, elapsedMs: 1500 }])
    statements.take([{ ...run, opid: '2 8', elapsedMs: 100 }])
    // 500 + (1500 - 500) + 100
    expect(statements.totals().statements).toMatchObject([
      { calls: 2, totalMs: 1600, maxMs: 1500, database: 'shop' },
    ])
  })
})

describe(Rates, () => {
  it('is null at first, and when a counter went down', () => {
    const rates = new Rates()
    expect(rates.perSec('a', 10, 0)).toBeNull()
    expect(rates.perSec('a', 30, 2000)).toBe(10)
    expect(rates.perSec('a', 5, 3000)).toBeNull()
    expect(rates.perSec('a', 5, 4000)).toBe(0)
  })
})

describe(mongodbDetails, () => {
  const status = {
    connections: { current: 12, available: 88, totalCreated: 100, rejected: 3 },
    opcounters: { query: 50 },
    opLatencies: { reads: { latency: 1000, ops: 10 } },
    globalLock: { currentQueue: { readers: 2, writers: 1 } },
    metrics: { cursor: { timedOut: 4, open: { total: 6, noTimeout: 1, pinned: 2 } } },
    mem: { resident: 100 },
  }
  const find = (groups: ReturnType<typeof mongodbDetails>, title: string, name: string) =>
    groups.find((group) => group.title === title)?.details.find((one) => one.name === name)?.value

  it('tells rates and mean latencies between two samples', () => {
    const rates = new Rates()
    mongodbDetails({ status, ops: null, rates, atMs: 0 })
    const later = {
      ...status,
      connections: { ...status.connections, totalCreated: 104, rejected: 5 },
      opcounters: { query: 70 },
      opLatencies: { reads: { latency: 51_000, ops: 20 } },
    }
    const groups = mongodbDetails({ status: later, ops: null, rates, atMs: 2000 })
    expect(find(groups, 'Connections', 'created')).toBe(2)
    expect(find(groups, 'Connections', 'rejected')).toBe(1)
    expect(find(groups, 'Work', 'query')).toBe(10)
    // 50,000 µs in 10 reads
    expect(find(groups, 'Work', 'latency of reads')).toBe(5)
    expect(find(groups, 'Work', 'latency of writes')).toBeNull()
    expect(find(groups, 'Queues', 'readers waiting')).toBe(2)
    expect(groups.some(({ title }) => title === 'Transactions')).toBe(false)
  })

  it('tells cursors and memory', () => {
    const groups = mongodbSlowDetails({ status, rates: new Rates(), atMs: 0 })
    expect(find(groups, 'Cursors', 'open')).toBe(6)
    expect(find(groups, 'Memory', 'resident')).toBe(100 * 2 ** 20)
  })

  it('tells how far members are behind', () => {
    const at = (seconds: number) => new Date(1_000_000 + seconds * 1000)
    const members = [
      { state: 1, stateStr: 'PRIMARY', health: 1, optimeDate: at(30) },
      { state: 2, stateStr: 'SECONDARY', health: 1, optimeDate: at(25), self: true },
      { state: 2, stateStr: 'SECONDARY', health: 1, optimeDate: at(10) },
      { state: 8, stateStr: '(not reachable/healthy)', health: 0 },
    ]
    const groups = replicationDetails({ setName: 'rs', primary: 'a:1' }, { members })
    expect(find(groups, 'Replication', 'role')).toBe('secondary')
    expect(find(groups, 'Replication', 'behind')).toBe(5000)
    expect(find(groups, 'Replication', 'furthest behind')).toBe(20_000)
    expect(find(groups, 'Replication', 'members down')).toBe(1)
    expect(replicationDetails({}, null)).toEqual([])
  })
})

describe(describeMongodbFailure, () => {
  const context = { address: 'db:27017', user: 'poolscope', wasFull: false }
  const failure = (code: number) => Object.assign(new Error('secret text'), { code })
  it.each([
    [18, 'auth_failed', 'denied'],
    [13, 'permission_denied', 'denied'],
    [91, 'shutting_down', 'unreachable'],
    [50, 'timeout', 'unreachable'],
    [Long.fromNumber(1).toNumber(), 'unknown', 'unreachable'],
  ])('takes the number %i for %s', (code, wanted, state) => {
    const found = describeMongodbFailure(failure(code), context)
    expect(found).toMatchObject({ code: wanted, state })
    expect(found.message).not.toContain('secret')
  })

  it('takes who hangs up without a word for full only where it was nearly full before', () => {
    const hungUp = new HungUpError('closed')
    expect(describeMongodbFailure(hungUp, context).code).toBe('connection_lost')
    expect(describeMongodbFailure(hungUp, { ...context, wasFull: true })).toMatchObject({
      code: 'connections_exhausted',
      state: 'refused',
    })
  })
})
