import { quietly, replace } from '../core/replace.ts'
import { captureStack } from '../core/stack.ts'
import { text } from '../core/values.ts'
import { watch as watchRedis } from '../ioredis/index.ts'
import { watch as watchKnex } from '../knex/index.ts'
import { watch as watchMongo } from '../mongodb/index.ts'
import { clientOf as mongoClientOf } from '../mongodb/shape.ts'
import { watch as watchMysql } from '../mysql2/index.ts'
import { targetOf as mysqlTarget } from '../mysql2/measure.ts'
import { mysqlPoolOf } from '../mysql2/shape.ts'
import { watch as watchPg } from '../pg/index.ts'
import { isPgPool } from '../pg/shape.ts'
import { targetOf as pgTarget } from '../pg/target.ts'
import { watch as watchSequelize } from '../sequelize/index.ts'
import { isClass, seenClass } from './construct.ts'
import { foundName } from './name.ts'
import type { LoadedModule } from './on-load.ts'

/** A file of a driver, and what is done with it once it is loaded. */
export type Driver = { file: RegExp; found(module: LoadedModule): void }

function foundPg(pool: object, stack: object | null): void {
  if (!isPgPool(pool)) return
  const { database, user } = pgTarget(pool.options, process.env)
  watchPg(pool, { name: foundName({ kind: 'postgresql', database, user }, stack) })
}

function foundMysql(made: object, stack: object | null): void {
  const pool = mysqlPoolOf(made)
  if (pool === null) return
  const { database, user } = mysqlTarget(pool)
  watchMysql(pool, { name: foundName({ kind: 'mysql', database, user }, stack) })
}

function foundMongo(made: object, stack: object | null): void {
  const client = mongoClientOf(made)
  if (client === null) return
  const { dbName, credentials } = client.options
  const destination = { kind: 'mongodb', database: text(dbName), user: text(credentials?.username) }
  watchMongo(client, { name: foundName(destination, stack) })
}

function foundSequelize(made: object, stack: object | null): void {
  const { config = {} } = made as { config?: { database?: string; username?: string } }
  const name = foundName(
    { kind: 'sequelize', database: config.database ?? null, user: config.username ?? null },
    stack,
  )
  watchSequelize(made, { name })
}

function foundRedis(client: object, stack: object | null): void {
  // Cluster and sentinel clients make connections of their own, which are theirs to report.
  if (/^[^\n]*\n[^\n]*[\\/]ioredis[\\/]built[\\/](?!Redis\.js)/.test(textOf(stack))) return
  const { options = {} } = client as { options?: { db?: unknown } }
  watchRedis(client, { name: foundName({ kind: `redis ${options.db ?? 0}` }, stack) })
}

function foundCluster(cluster: object, stack: object | null): void {
  watchRedis(cluster, { name: foundName({ kind: 'redis cluster' }, stack) })
}

function textOf(stack: object | null): string {
  return String((stack as { stack?: unknown } | null)?.stack)
}

/** Knex makes its pool when it is told to, which may be more than once: its client's method is wrapped for all. */
function watchKnexClients(Client: unknown): void {
  if (!isClass(Client)) return
  type KnexClient = {
    initializePool(...args: unknown[]): unknown
    connectionSettings?: { database?: string; user?: string }
  }
  const prototype = Client.prototype as KnexClient
  const { initializePool: original } = prototype
  replace(prototype, 'initializePool', function initializePool(this: KnexClient, ...args) {
    const result = original.apply(this, args)
    quietly(() => {
      const { database = null, user = null } = this.connectionSettings ?? {}
      const name = foundName({ kind: 'knex', database, user }, captureStack(initializePool))
      watchKnex({ client: this }, { name })
    })
    return result
  })
}

/** Matches a file of a package, wherever and in whichever version that is installed. */
function inPackage(name: string, path: string): RegExp {
  return new RegExp(`[\\\\/]node_modules[\\\\/]${name}[\\\\/]${path.replaceAll('/', '[\\\\/]')}\\.js$`)
}

/** Where a module's exports are a class, exports one that is seen; also under the names that the class has for itself. */
function replaceExports(module: LoadedModule, onMade: OnMade, names: readonly string[] = []): void {
  const { exports: Class } = module
  if (!isClass(Class)) return
  const seen = seenClass(Class, onMade)
  for (const name of names) {
    if (Reflect.get(Class, name) === Class) Reflect.set(Class, name, seen)
  }
  module.exports = seen
}

/** Where a module's exports have a class of this name, puts one there that is seen. */
function replaceNamed(exports: unknown, name: string, onMade: OnMade): void {
  if (typeof exports !== 'object' || exports === null) return
  const Class: unknown = Reflect.get(exports, name)
  if (!isClass(Class)) return
  Reflect.set(exports, name, seenClass(Class, onMade))
  seeCopies(Class.prototype, onMade)
}

/** A client's own method that makes another of its kind knows the class by itself. */
function seeCopies(prototype: { duplicate?: unknown }, onMade: OnMade): void {
  const { duplicate: original } = prototype
  if (typeof original !== 'function') return
  replace(prototype, 'duplicate', function duplicate(this: unknown, ...args: unknown[]) {
    const made: object = original.apply(this, args)
    quietly(() => onMade(made, captureStack(duplicate)))
    return made
  })
}

type OnMade = (made: object, stack: object | null) => void

/** The drivers whose pools are found, each by the one file that defines its pool. */
export const DRIVERS: readonly Driver[] = [
  { file: inPackage('pg-pool', 'index'), found: (module) => replaceExports(module, foundPg) },
  {
    file: inPackage('mongodb', 'lib/mongo_client'),
    found: ({ exports }) => replaceNamed(exports, 'MongoClient', foundMongo),
  },
  { file: inPackage('mysql2', 'lib/pool'), found: (module) => replaceExports(module, foundMysql) },
  { file: inPackage('knex', 'lib/client'), found: ({ exports }) => watchKnexClients(exports) },
  {
    file: inPackage('sequelize', 'lib/sequelize'),
    found: (module) => replaceExports(module, foundSequelize, ['default', 'Sequelize']),
  },
  {
    file: inPackage('ioredis', 'built/Redis'),
    found: ({ exports }) => replaceNamed(exports, 'default', foundRedis),
  },
  {
    file: inPackage('ioredis', 'built/cluster/index'),
    found: ({ exports }) => replaceNamed(exports, 'default', foundCluster),
  },
]
