import type { Detail, DetailGroup } from '@poolscope/protocol'
import type { Document } from 'mongodb'
import { cleanName } from './clean-name.ts'
import { numberAt, textAt } from './mongodb-document.ts'
import type { OpList } from './mongodb-ops.ts'
import type { Rates } from './rates.ts'

const OPERATIONS = ['insert', 'query', 'update', 'delete', 'getmore', 'command'] as const

/** What the details of every sample are made of. */
export type MongodbFacts = {
  status: Document
  /** Null where it may not be read. */
  ops: OpList | null
  rates: Rates
  /** When it was read, on a clock that only goes forward. */
  atMs: number
}

/** Numbers that only a MongoDB has, read with every sample. A section that a version does not have is left out. */
export function mongodbDetails(facts: MongodbFacts): DetailGroup[] {
  return [connections(facts), work(facts), queues(facts), transactions(facts)].filter(hasNumbers)
}

/** Numbers of sections that are large, read seldom. */
export function mongodbSlowDetails({ status, rates, atMs }: Omit<MongodbFacts, 'ops'>): DetailGroup[] {
  const open = ['metrics', 'cursor', 'open'] as const
  const cache = (name: string) => numberAt(status, 'wiredTiger', 'cache', name)
  const timedOut = numberAt(status, 'metrics', 'cursor', 'timedOut')
  const resident = numberAt(status, 'mem', 'resident')
  const groups = [
    {
      title: 'Cursors',
      details: [
        detail(
          'open',
          numberAt(status, ...open, 'total'),
          'count',
          'Results that clients have not read to the end.',
        ),
        detail('pinned', numberAt(status, ...open, 'pinned'), 'count', 'Being read from at this moment.'),
        detail(
          'noTimeout',
          numberAt(status, ...open, 'noTimeout'),
          'count',
          'They stay until a client closes them.',
        ),
        detail(
          'timed out',
          rates.perSec('cursors timed out', timedOut, atMs),
          'perSec',
          'Closed by the server because nobody read on: many are a leak.',
        ),
      ],
    },
    {
      title: 'Memory',
      details: [
        detail(
          'resident',
          resident === null ? null : resident * 2 ** 20,
          'bytes',
          'All of the process; each connection takes about 1 MiB of it.',
        ),
        detail('cache', cache('bytes currently in the cache'), 'bytes', 'Of the storage engine.'),
        detail('cache at most', cache('maximum bytes configured'), 'bytes', 'Beyond it pages are evicted.'),
        detail('dirty', cache('tracked dirty bytes in the cache'), 'bytes', 'Written, and not yet on disk.'),
      ],
    },
    {
      title: 'Tickets',
      details: ['read', 'write'].flatMap((kind) => {
        const of = (name: string) => numberAt(status, 'wiredTiger', 'concurrentTransactions', kind, name)
        return [
          detail(`${kind}s running`, of('out'), 'count', 'Operations inside the storage engine.'),
          detail(`${kind} tickets left`, of('available'), 'count', 'At 0 further operations wait for one.'),
        ]
      }),
    },
  ]
  return groups.filter(hasNumbers)
}

function connections({ status, ops, rates, atMs }: MongodbFacts): DetailGroup {
  const of = (name: string) => numberAt(status, 'connections', name)
  const rate = (name: string) => rates.perSec(`connections ${name}`, of(name), atMs)
  return {
    title: 'Connections',
    details: [
      detail('available', of('available'), 'count', 'What may still come before the server refuses.'),
      detail('created', rate('totalCreated'), 'perSec', 'Many mean that a pool does not keep its own.'),
      detail('rejected', rate('rejected'), 'perSec', 'Hung up on because there were too many.'),
      detail('rejected since start', of('rejected'), 'count', 'Above 0 the limit was reached at some time.'),
      detail('active', of('active'), 'count', 'On which an operation runs, by the count of the server.'),
      detail('threaded', of('threaded'), 'count', 'Each has a thread of its own.'),
      detail(
        'monitoring',
        of('awaitingTopologyChanges'),
        'count',
        'They wait to be told of changes; each client has one besides its pool.',
      ),
      detail(
        'of other members',
        ops === null ? null : ops.others - 1,
        'count',
        'From other servers of the same set or cluster; they take places too.',
      ),
    ],
  }
}

function work({ status, rates, atMs }: MongodbFacts): DetailGroup {
  const rate = (name: string, value: number | null, note: string) =>
    detail(name, rates.perSec(`work ${name}`, value, atMs), 'perSec', note)
  const network = (name: string) => numberAt(status, 'network', name)
  return {
    title: 'Work',
    details: [
      ...OPERATIONS.map((name) =>
        rate(name, numberAt(status, 'opcounters', name), 'Operations of this kind, as opcounters has them.'),
      ),
      ...['reads', 'writes', 'commands'].map((kind) => {
        const of = (name: string) => numberAt(status, 'opLatencies', kind, name)
        const micros = rates.mean(`latency ${kind}`, of('latency'), of('ops'), atMs)
        const note = 'Mean time inside the server since the last sample; not known when none ran.'
        return detail(`latency of ${kind}`, micros === null ? null : micros / 1000, 'ms', note)
      }),
      rate('requests', network('numRequests'), 'Messages that came in.'),
      rate('received', network('bytesIn'), 'Bytes from clients.'),
      rate('sent', network('bytesOut'), 'Bytes to clients.'),
    ],
  }
}

function queues({ status }: MongodbFacts): DetailGroup {
  const lock = (...path: string[]) => numberAt(status, 'globalLock', ...path)
  const execution = (kind: string, ...path: string[]) =>
    numberAt(status, 'queues', 'execution', kind, ...path)
  return {
    title: 'Queues',
    details: [
      detail('readers waiting', lock('currentQueue', 'readers'), 'count', 'For a lock or a ticket.'),
      detail('writers waiting', lock('currentQueue', 'writers'), 'count', 'For a lock or a ticket.'),
      detail('readers at work', lock('activeClients', 'readers'), 'count', 'Connections that read.'),
      detail('writers at work', lock('activeClients', 'writers'), 'count', 'Connections that write.'),
      ...['read', 'write'].flatMap((kind) =>
        execution(kind, 'totalTickets') === null
          ? []
          : [
              detail(
                `${kind} tickets out`,
                execution(kind, 'out'),
                'count',
                'Operations inside the storage engine.',
              ),
              detail(
                `${kind} tickets left`,
                execution(kind, 'available'),
                'count',
                'At 0 further operations wait for one.',
              ),
            ],
      ),
    ],
  }
}

function transactions({ status, rates, atMs }: MongodbFacts): DetailGroup {
  const of = (name: string) => numberAt(status, 'transactions', name)
  return {
    title: 'Transactions',
    details: [
      detail('open', of('currentOpen'), 'count', 'Begun and not ended.'),
      detail(
        'inactive',
        of('currentInactive'),
        'count',
        'Open while nothing runs in them: they hold locks and cache.',
      ),
      detail('prepared', of('currentPrepared'), 'count', 'Across shards, waiting for the decision.'),
      detail('committed', rates.perSec('committed', of('totalCommitted'), atMs), 'perSec', 'Ended well.'),
      detail(
        'aborted',
        rates.perSec('aborted', of('totalAborted'), atMs),
        'perSec',
        'By a client, by a conflict, or after transactionLifetimeLimitSeconds.',
      ),
    ],
  }
}

/** The state of this server in its set. @param status of replSetGetStatus; null where it may not be read */
export function replicationDetails(hello: Document, status: Document | null): DetailGroup[] {
  const set = textAt(hello, 'setName')
  if (set === null) return []
  const members: Document[] = Array.isArray(status?.members) ? status.members : []
  const timeOf = (member: Document | undefined) =>
    member?.optimeDate instanceof Date ? member.optimeDate.getTime() : null
  const written = timeOf(members.find(({ state }) => state === 1))
  const own = members.find(({ self }) => self === true)
  const lagOf = (member: Document | undefined) => {
    const confirmed = timeOf(member)
    return written === null || confirmed === null ? null : Math.max(0, written - confirmed)
  }
  const lags = members.filter(({ state }) => state === 2).flatMap((member) => lagOf(member) ?? [])
  const role = textAt(own ?? null, 'stateStr')?.toLowerCase() ?? roleOf(hello)
  const known = members.length > 0
  return [
    {
      title: 'Replication',
      details: [
        detail('set', cleanName(set), 'text', 'The replica set that it is a member of.'),
        detail('role', cleanName(role), 'text', 'Writes go to the primary; it may change at any moment.'),
        detail('primary', cleanName(textAt(hello, 'primary') ?? 'none'), 'text', 'As this member sees it.'),
        detail('members', known ? members.length : null, 'count', 'Arbiters among them.'),
        detail(
          'members down',
          known ? members.filter(({ health }) => health === 0).length : null,
          'count',
          'This member cannot reach them.',
        ),
        detail('behind', lagOf(own), 'ms', 'Of what the primary wrote, not yet written here.'),
        detail('furthest behind', lags.length === 0 ? null : Math.max(...lags), 'ms', 'Of all secondaries.'),
      ],
    },
  ]
}

function roleOf(hello: Document): string {
  if (hello.isWritablePrimary === true) return 'primary'
  if (hello.secondary === true) return 'secondary'
  return hello.arbiterOnly === true ? 'arbiter' : 'neither primary nor secondary'
}

function hasNumbers({ details }: DetailGroup): boolean {
  return details.some(({ value }) => value !== null)
}

function detail(name: string, value: Detail['value'], unit: Detail['unit'], note: string): Detail {
  return { name, value, unit, note }
}
