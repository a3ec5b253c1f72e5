import type { System } from '@poolscope/protocol'
import type { ServerTarget } from '../config/config.ts'
import { ConnectionBudget } from './connection-budget.ts'
import type { Engine } from './engine.ts'
import { mongodbEngine } from './mongodb.ts'
import { mongodbAddress, mongodbPeerUrl } from './mongodb-url.ts'
import { mysqlEngine } from './mysql.ts'
import { mysqlAddress } from './mysql-url.ts'
import { pgbouncerEngine } from './pgbouncer.ts'
import { pgbouncerAddress } from './pgbouncer-url.ts'
import { postgresqlEngine } from './postgresql.ts'
import { postgresAddress } from './postgresql-url.ts'
import { redisEngine } from './redis.ts'
import { redisAddress, redisPeerUrl } from './redis-url.ts'
import { ServerSource } from './server-source.ts'
import type { Source } from './source.ts'
import type { SourceEnv } from './source-env.ts'

/** One kind of server: how it is spoken to, and where a connection string leads, without credentials. */
type Kind = {
  engine: (target: ServerTarget, env: SourceEnv) => Engine
  /** host:port or a socket path. @throws Error when it is no connection string */
  address: (url: string) => string
  /** The URL of another node of the same cluster, host:port; without it, peers are not watched. */
  peerUrl?: (url: string, address: string) => string
}

const KINDS: Partial<Record<System, Kind>> = {
  postgresql: { engine: postgresqlEngine, address: postgresAddress },
  pgbouncer: { engine: pgbouncerEngine, address: pgbouncerAddress },
  mysql: { engine: mysqlEngine('mysql'), address: mysqlAddress },
  mariadb: { engine: mysqlEngine('mariadb'), address: mysqlAddress },
  mongodb: { engine: mongodbEngine, address: mongodbAddress, peerUrl: mongodbPeerUrl },
  redis: { engine: redisEngine, address: redisAddress, peerUrl: redisPeerUrl },
}

/**
 * Where a connection string leads, without credentials.
 * @throws Error when it is none, or the system cannot be watched
 */
export function addressOf(system: System, url: string): string {
  return kindOf(system).address(url)
}

/** Another node of a cluster as a server to watch, with the same user and options; null where peers are not watched. */
export function peerOf(target: ServerTarget, address: string): ServerTarget | null {
  const url = kindOf(target.system).peerUrl?.(target.url, address)
  if (url === undefined) return null
  // A name that was given is the cluster's, and tells its nodes from those of another one.
  const name = target.name.endsWith(target.address)
    ? target.name.slice(0, -target.address.length)
    : `${target.name} `
  return { system: target.system, name: `${name}${address}`, address, url }
}

/**
 * The source for a server.
 * @param budget shared by all sources of an agent, so that together they do not storm
 * @throws RangeError for a system that cannot be watched; the configuration refuses it before
 */
export function createSource(
  target: ServerTarget,
  given: Pick<SourceEnv, 'now' | 'random'> & Partial<SourceEnv>,
  budget = new ConnectionBudget(),
): Source {
  const env = { elapsedMs: () => performance.now(), ...given }
  return new ServerSource(target, kindOf(target.system).engine(target, env), env, budget)
}

/** How the server is spoken to. @throws as {@link createSource} */
export function createEngine(target: ServerTarget, given: Pick<SourceEnv, 'now' | 'random'>): Engine {
  return kindOf(target.system).engine(target, { elapsedMs: () => performance.now(), ...given })
}

function kindOf(system: System): Kind {
  const kind = KINDS[system]
  if (kind === undefined) throw new RangeError(`${system} servers cannot be watched`)
  return kind
}
