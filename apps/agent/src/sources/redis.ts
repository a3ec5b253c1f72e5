import type { ServerTarget } from '../config/config.ts'
import type { CheckItem } from './check.ts'
import { cleanName } from './clean-name.ts'
import type { Engine, EngineSample, EngineSession } from './engine.ts'
import { SourceFailure } from './failure.ts'
import { checkRedis } from './redis-check.ts'
import { type ClientList, countsNow, listPauseMs, readClientList } from './redis-clients.ts'
import { type ClusterView, readClusterNodes } from './redis-cluster.ts'
import { type RedisCommand, RedisConnection, type RedisReply } from './redis-connection.ts'
import { redisDetails, SETTING_NAMES } from './redis-details.ts'
import { describeRedisFailure, isBusy, isForbidden, type RedisContext } from './redis-errors.ts'
import { numberOf, parseInfo, type RedisInfo, RedisRates } from './redis-info.ts'
import { RedisSlowlog, SLOWLOG_LENGTH } from './redis-slowlog.ts'
import { parseRedisUrl, type RedisTarget } from './redis-url.ts'
import type { StatementTotals } from './source.ts'
import type { SourceEnv } from './source-env.ts'

const OLDEST_MAJOR = 6
/** From this version on INFO takes several sections, and CONFIG GET several names. */
const MANY_MAJOR = 7
const SLOW_EVERY_MS = 10_000
/** What was forbidden is asked for again after this long: each refusal stands in the server's log. */
const FORBIDDEN_MS = 60_000
const SECTIONS = ['server', 'clients', 'memory', 'stats', 'replication', 'persistence', 'cluster']

/** Redis, version 6.0 or later, and what speaks its protocol. */
export function redisEngine(target: ServerTarget, env: SourceEnv): Engine {
  const context: RedisContext = { address: target.address, user: 'default', tls: false }
  // It outlives connections, so that an entry that was counted is not counted again after a broken one.
  const slowlog = new RedisSlowlog()
  return {
    system: 'redis',
    open: async (signal) => {
      const settings = readUrl(target.url)
      context.user = cleanName(settings.user ?? context.user)
      context.tls = settings.tls !== null
      const first: RedisCommand[] = [['CLIENT', 'ID'], ['INFO']]
      const { connection, replies } = await RedisConnection.open(settings, first, signal)
      try {
        const [id, info] = replies
        const hello = { ownId: Number(textOrThrow(id)), info: parseInfo(textOrThrow(info)) }
        return new RedisReader(connection, hello, { env, slowlog, context })
      } catch (error) {
        connection.close()
        throw error
      }
    },
    describe: (error) => describeRedisFailure(error, context),
    stands: isBusy,
  }
}

type Feature = 'clients' | 'slowlog' | 'config' | 'cluster'
type Asked = { feature: Feature | 'info'; command: RedisCommand }
type Shared = { env: SourceEnv; slowlog: RedisSlowlog; context: RedisContext }

/** Reads one Redis through one connection. Everything of one sample is asked in one go. */
class RedisReader implements EngineSession {
  readonly #connection: RedisConnection
  readonly #ownId: number
  readonly #shared: Shared
  readonly #version: string
  readonly #major: number
  readonly #startedAtMs: number | null
  readonly #rates = new RedisRates()
  #info: RedisInfo
  #list: ClientList | null = null
  #listAtMs = Number.NEGATIVE_INFINITY
  #slowAtMs = Number.NEGATIVE_INFINITY
  #settings = new Map<string, string>()
  #cluster: RedisInfo | null = null
  #view: ClusterView = { knownAs: null, peers: [] }
  #forbiddenAtMs = new Map<Feature, number>()

  constructor(connection: RedisConnection, hello: { ownId: number; info: RedisInfo }, shared: Shared) {
    this.#connection = connection
    this.#ownId = hello.ownId
    this.#info = hello.info
    this.#shared = shared
    this.#major = Number.parseInt(hello.info.get('redis_version') ?? '', 10)
    if (!(this.#major >= OLDEST_MAJOR)) throw new SourceFailure('version_unsupported')
    this.#version = versionOf(hello.info)
    this.#startedAtMs = startedAtMs(hello.info, shared.env.now())
  }

  get lost(): Promise<never> {
    return this.#connection.lost
  }

  async close(): Promise<void> {
    this.#connection.close()
  }

  async check(): Promise<CheckItem[]> {
    const refused = (feature: Feature) => this.#forbiddenAtMs.has(feature)
    return checkRedis(this.#shared.context.user, this.#isCluster, {
      clients: refused('clients'),
      slowlog: refused('slowlog'),
      config: refused('config'),
      cluster: refused('cluster'),
    })
  }

  async sample(): Promise<EngineSample> {
    const nowMs = this.#shared.env.elapsedMs()
    const asked = this.#questions(nowMs)
    const replies = await this.#connection.ask(asked.map(({ command }) => command))
    const answers = this.#sort(asked, replies, nowMs)
    const info = parseInfo(textOrThrow(answers.get('INFO')))
    if (info.get('loading') === '1') throw new SourceFailure('starting_up')
    this.#info = info
    this.#rates.take(info, nowMs)
    const list = answers.get('CLIENT LIST')
    if (list !== undefined) {
      this.#list = readClientList(textOrThrow(list), this.#ownId, numberOf(info, 'server_time_usec'))
    }
    this.#takeSlowFacts(answers)
    const maxClients = numberOf(info, 'maxclients') ?? numberOf(this.#settings, 'maxclients')
    const current = list === undefined ? countsNow(this.#list, totalOf(info)) : null
    return {
      version: this.#version,
      startedAtMs: this.#startedAtMs,
      maxConnections: maxClients,
      // Connections between the nodes of a cluster take places of clients.
      reservedConnections: this.#isCluster ? numberOf(info, 'cluster_connections') : 0,
      connections: current ?? countsNow(this.#list, this.#list?.connections.total ?? null),
      sessions: this.#list?.sessions ?? [],
      details: redisDetails({
        info,
        rates: this.#rates,
        list: this.#list,
        cluster: this.#cluster,
        settings: this.#settings,
      }),
      limits: [],
      pools: [],
      ...this.#view,
      statements: this.#statements(answers),
      costMs: this.#connection.takeCostMs(),
    }
  }

  get #isCluster(): boolean {
    return this.#info.get('cluster_enabled') === '1'
  }

  /** What is to be asked now. */
  #questions(nowMs: number): Asked[] {
    const many = this.#major >= MANY_MAJOR
    const asked: Asked[] = [{ feature: 'info', command: many ? ['INFO', ...SECTIONS] : ['INFO'] }]
    const pauseMs = listPauseMs(numberOf(this.#info, 'connected_clients') ?? Number.POSITIVE_INFINITY)
    if (pauseMs === null) this.#list = null
    else if (nowMs - this.#listAtMs >= pauseMs) {
      this.#listAtMs = nowMs
      asked.push({ feature: 'clients', command: ['CLIENT', 'LIST'] })
    }
    if (nowMs - this.#slowAtMs >= SLOW_EVERY_MS) {
      this.#slowAtMs = nowMs
      asked.push({ feature: 'slowlog', command: ['SLOWLOG', 'GET', String(SLOWLOG_LENGTH)] })
      const groups = many ? [SETTING_NAMES] : SETTING_NAMES.map((name) => [name])
      for (const names of groups) asked.push({ feature: 'config', command: ['CONFIG', 'GET', ...names] })
      if (this.#isCluster) {
        asked.push({ feature: 'cluster', command: ['CLUSTER', 'INFO'] })
        asked.push({ feature: 'cluster', command: ['CLUSTER', 'NODES'] })
      }
    }
    return asked.filter(({ feature }) => {
      const sinceMs = feature === 'info' ? undefined : this.#forbiddenAtMs.get(feature)
      return sinceMs === undefined || nowMs - sinceMs >= FORBIDDEN_MS
    })
  }

  /** Answers by their command, without those that were forbidden. @throws any other error of the server */
  #sort(asked: readonly Asked[], replies: readonly RedisReply[], nowMs: number): Map<string, RedisReply> {
    const answers = new Map<string, RedisReply>()
    const settings = new Map<string, string>()
    asked.forEach(({ feature, command }, index) => {
      const reply = replies[index]
      if (reply === undefined) return
      if (feature !== 'info') {
        if (isForbidden(reply.error)) {
          this.#forbiddenAtMs.set(feature, nowMs)
          if (feature === 'clients') this.#list = null
          return
        }
        this.#forbiddenAtMs.delete(feature)
      }
      if (feature === 'config') for (const [name, value] of pairsOf(reply)) settings.set(name, value)
      else answers.set(feature === 'info' ? 'INFO' : command.slice(0, 2).join(' '), reply)
    })
    if (settings.size > 0) this.#settings = settings
    return answers
  }

  #takeSlowFacts(answers: ReadonlyMap<string, RedisReply>): void {
    const [info, nodes] = [answers.get('CLUSTER INFO'), answers.get('CLUSTER NODES')]
    if (info !== undefined) this.#cluster = parseInfo(textOrThrow(info))
    if (nodes !== undefined) {
      this.#view = readClusterNodes(textOrThrow(nodes), this.#shared.context.tls)
    }
  }

  #statements(answers: ReadonlyMap<string, RedisReply>): StatementTotals | null {
    const reply = answers.get('SLOWLOG GET')
    if (reply === undefined || reply.error !== null) return null
    return this.#shared.slowlog.take(reply.value, this.#info.get('run_id') ?? '')
  }
}

function readUrl(url: string): RedisTarget {
  try {
    return parseRedisUrl(url)
  } catch (error) {
    // The form was checked with the configuration; what is left is a certificate file that went away.
    throw new SourceFailure('tls_failed', error)
  }
}

function textOrThrow(reply: RedisReply | undefined): string {
  if (reply === undefined) throw new SourceFailure('connection_lost')
  if (reply.error !== null) throw reply.error
  return String(reply.value)
}

/** Names and values in turn; nothing where the server refused or knows no such setting. */
function pairsOf({ value, error }: RedisReply): [string, string][] {
  if (error !== null || !Array.isArray(value)) return []
  return value.flatMap((name, index): [string, string][] =>
    index % 2 === 0 && value[index + 1] !== undefined ? [[String(name), String(value[index + 1])]] : [],
  )
}

/** All that take one of `maxclients`: replicas are counted apart from clients. */
function totalOf(info: RedisInfo): number | null {
  const clients = numberOf(info, 'connected_clients')
  const replicas = numberOf(info, 'connected_slaves')
  return clients === null || replicas === null ? null : clients + replicas
}

/** A server that is no Redis but speaks like one tells which Redis it is like, and what it is. */
function versionOf(info: RedisInfo): string {
  const valkey = info.get('valkey_version')
  return cleanName(valkey === undefined ? (info.get('redis_version') ?? '') : `Valkey ${valkey}`)
}

function startedAtMs(info: RedisInfo, nowMs: number): number | null {
  const uptime = numberOf(info, 'uptime_in_seconds')
  return uptime === null ? null : Math.round(nowMs / 1000 - uptime) * 1000
}
