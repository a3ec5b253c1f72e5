import type { Connections, DetailGroup } from '@poolscope/protocol'
import type { Document } from 'mongodb'
import type { ServerTarget } from '../config/config.ts'
import type { CheckItem } from './check.ts'
import { cleanName } from './clean-name.ts'
import type { Engine, EngineSample, EngineSession } from './engine.ts'
import { checkMongodb } from './mongodb-check.ts'
import { MongodbConnection } from './mongodb-connection.ts'
import { mongodbDetails, mongodbSlowDetails, replicationDetails } from './mongodb-details.ts'
import { numberAt, textAt } from './mongodb-document.ts'
import { describeMongodbFailure, isLeftOut, isTimeLimit, type MongodbContext } from './mongodb-errors.ts'
import { currentOpCommand, LONGEST_LIST, type OpList, readOps } from './mongodb-ops.ts'
import { MongodbStatements } from './mongodb-statements.ts'
import { parseMongodbUrl } from './mongodb-url.ts'
import { Rates } from './rates.ts'
import type { SourceEnv } from './source-env.ts'

const SLOW_EVERY_MS = 10_000
/** What was forbidden is asked for again after this long: each refusal stands in the server's log. */
const FORBIDDEN_MS = 60_000
/** With no more places left than this, one that hangs up is taken to be full. */
const HARDLY_ANY = 5

/** Sections of `serverStatus` that nothing here is read from. The server does not even gather them. */
const UNUSED =
  'asserts batchedDeletes bucketCatalog catalogStats changeStreamPreImages collectionCatalog defaultRWConcern electionMetrics encryptionAtRest extra_info featureCompatibilityVersion flowControl freeMonitoring health hedgingMetrics indexBuilds indexBulkBuilder indexStats internalTransactions Instance locks logicalSessionRecordCache mirroredReads opReadConcernCounters opWriteConcernCounters opWorkingTime oplogTruncation oplog planCache profiler queryAnalyzers queryStats querySettings readConcernCounters readPreferenceCounters recordIdReplication repl scramCache security service sharding shardingStatistics shardedIndexConsistency shardSplits spillWiredTiger storageEngine tcmalloc tenantMigrations timeseries timeseriesCatalog trafficRecording transportSecurity twoPhaseCommitCoordinator watchdog writeBacksQueued'.split(
    ' ',
  )
/** Sections that are read only every 10 s, because they are large. */
const SELDOM = ['metrics', 'wiredTiger', 'mem']

/** MongoDB 4.2 or later: a `mongod` or a `mongos`. */
export function mongodbEngine(target: ServerTarget, env: SourceEnv): Engine {
  const context: MongodbContext = { address: target.address, user: 'nobody', wasFull: false }
  // It outlives connections, so that windows go on after a broken one.
  const statements = new MongodbStatements()
  let turn = 0
  return {
    system: 'mongodb',
    open: async (signal) => {
      const settings = parseMongodbUrl(target.url)
      context.user = settings.user === null ? 'nobody' : cleanName(settings.user)
      try {
        const connection = await MongodbConnection.open(settings, turn, signal)
        return new MongodbReader(connection, { env, statements, context, user: settings.user })
      } catch (error) {
        turn += 1
        throw error
      }
    },
    describe: (error) => describeMongodbFailure(error, context),
    stands: isTimeLimit,
  }
}

type Shared = {
  env: SourceEnv
  statements: MongodbStatements
  context: MongodbContext
  user: string | null
}

/** Reads one MongoDB through one connection. */
class MongodbReader implements EngineSession {
  readonly #connection: MongodbConnection
  readonly #shared: Shared
  readonly #rates = new Rates()
  readonly #ownId: number | null
  readonly #forbiddenAtMs = new Map<'operations' | 'replication', number>()
  #hello: Document
  #replication: Document | null = null
  #slowAtMs = Number.NEGATIVE_INFINITY
  #slowDetails: DetailGroup[] = []

  constructor(connection: MongodbConnection, shared: Shared) {
    this.#connection = connection
    this.#shared = shared
    this.#hello = connection.hello
    this.#ownId = numberAt(connection.hello, 'connectionId')
  }

  get lost(): Promise<never> {
    return this.#connection.lost
  }

  async close(): Promise<void> {
    this.#connection.close()
  }

  async check(): Promise<CheckItem[]> {
    const { user } = this.#shared
    return checkMongodb(user === null ? null : cleanName(user), this.#isMember, {
      operations: this.#forbiddenAtMs.has('operations'),
      replication: this.#forbiddenAtMs.has('replication'),
    })
  }

  async sample(): Promise<EngineSample> {
    const { env, statements, context } = this.#shared
    const atMs = env.elapsedMs()
    const slow = atMs - this.#slowAtMs >= SLOW_EVERY_MS
    if (slow) this.#slowAtMs = atMs
    const off = slow ? UNUSED : [...UNUSED, ...SELDOM]
    const status = await this.#connection.ask({
      serverStatus: 1,
      ...Object.fromEntries(off.map((name) => [name, 0])),
    })
    const current = numberAt(status, 'connections', 'current')
    const available = numberAt(status, 'connections', 'available')
    const ops = await this.#readOps(current, atMs)
    if (ops !== null) statements.take(ops.runs)
    if (slow) await this.#readSlowFacts(status, atMs)
    context.wasFull = available !== null && available <= HARDLY_ANY
    return {
      version: cleanName(textAt(status, 'version') ?? ''),
      startedAtMs: startedAtMs(status, env.now()),
      maxConnections: current === null || available === null ? null : current + available,
      // Those that are let in beyond the limit do not count against it.
      reservedConnections: 0,
      connections: connectionsOf(current, ops),
      sessions: ops?.sessions ?? [],
      details: [
        ...mongodbDetails({ status, ops, rates: this.#rates, atMs }),
        ...this.#slowDetails,
        ...replicationDetails(this.#hello, this.#replication),
      ],
      limits: [],
      pools: [],
      ...this.#view(),
      statements: slow && ops !== null ? statements.totals() : null,
      costMs: this.#connection.takeCostMs(),
    }
  }

  get #isMember(): boolean {
    return textAt(this.#hello, 'setName') !== null
  }

  /** Null where it may not be read, or the list would be too long. */
  async #readOps(current: number | null, atMs: number): Promise<OpList | null> {
    if (current !== null && current >= LONGEST_LIST) return null
    const isRouter = this.#hello.msg === 'isdbgrid'
    const reply = await this.#askOrLeave('operations', currentOpCommand(isRouter), atMs)
    return reply === null ? null : readOps(reply, this.#ownId)
  }

  async #readSlowFacts(status: Document, atMs: number): Promise<void> {
    this.#slowDetails = mongodbSlowDetails({ status, rates: this.#rates, atMs })
    this.#hello = await this.#connection.ask({ hello: 1 })
    this.#replication = this.#isMember
      ? await this.#askOrLeave('replication', { replSetGetStatus: 1 }, atMs)
      : null
  }

  /** Null where it is forbidden, and for a while after. */
  async #askOrLeave(
    what: 'operations' | 'replication',
    command: Document,
    atMs: number,
  ): Promise<Document | null> {
    const sinceMs = this.#forbiddenAtMs.get(what)
    if (sinceMs !== undefined && atMs - sinceMs < FORBIDDEN_MS) return null
    try {
      const reply = await this.#connection.ask(command)
      this.#forbiddenAtMs.delete(what)
      return reply
    } catch (error) {
      if (!isLeftOut(error)) throw error
      this.#forbiddenAtMs.set(what, atMs)
      return null
    }
  }

  /** The other members of the set, and what they call this one. */
  #view(): { peers: string[]; knownAs: string | null } {
    const knownAs = textAt(this.#hello, 'me')
    const hosts = [this.#hello.hosts, this.#hello.passives].flatMap((list) =>
      Array.isArray(list) ? list : [],
    )
    const peers = hosts.filter((host): host is string => typeof host === 'string' && host !== knownAs)
    return { peers, knownAs }
  }
}

/** Who came between the two readings counts as a client. */
function connectionsOf(current: number | null, ops: OpList | null): Connections {
  if (ops === null) return { active: null, idle: null, idleInTransaction: null, other: null, total: current }
  const { active, idle, idleInTransaction, others } = ops
  const listed = active + idle + idleInTransaction
  const total = current === null ? listed + others : Math.max(current, listed + others)
  return { active, idle, idleInTransaction, other: total - listed, total }
}

function startedAtMs(status: Document, nowMs: number): number | null {
  const uptimeMs = numberAt(status, 'uptimeMillis')
  return uptimeMs === null ? null : Math.round((nowMs - uptimeMs) / 1000) * 1000
}
