export { type Blackhole, startBlackhole } from './blackhole.ts'
export {
  type ContractServer,
  type HeldState,
  LITERAL_CANARY,
  PASSWORD_CANARY,
  type WatchRoute,
} from './contract-server.ts'
export { type EventuallyOptions, eventually } from './eventually.ts'
export {
  fillConnections,
  type HeldConnections,
  type HoldOptions,
  holdConnections,
} from './hold-connections.ts'
export { startMariadb } from './mariadb.ts'
export { MongoConnection } from './mongodb-client.ts'
export {
  MONGODB_WATCHER_RIGHTS,
  startMongoStandInContractServer,
  useMongoContractServer,
} from './mongodb-contract-server.ts'
export {
  type MongoGate,
  type MongoRight,
  type MongoStandIn,
  type MongoStandInOptions,
  startMongoStandIn,
} from './mongodb-stand-in.ts'
export {
  MYSQL_WATCHER_SQL,
  mariadbContract,
  mysqlContract,
} from './mysql-contract-server.ts'
export type { MysqlOptions, RunningMysql } from './mysql-program.ts'
export { type MysqlStandIn, mysqlStandIn } from './mysql-stand-in.ts'
export { findMysqld, startMysqlOrMariadb } from './mysqld.ts'
export { type PgBouncerOptions, type RunningPgBouncer, startPgBouncer } from './pgbouncer.ts'
export { startPgBouncerContractServer } from './pgbouncer-contract-server.ts'
export { startPostgresContractServer } from './postgres-contract-server.ts'
export { type PostgresTestOptions, type PostgresVersion, postgresVersions } from './postgres-versions.ts'
export { type RedisTestOptions, type RunningRedis, startRedis } from './redis.ts'
export { type RunningRedisCluster, startRedisCluster } from './redis-cluster.ts'
export { addRedisUsers, REDIS_WATCHER_RULES, startRedisContractServer } from './redis-contract-server.ts'
export { requireProgram } from './server-programs.ts'
export { type SourceContract, sourceContract } from './source-contract.ts'
export { type Stalls, watchStalls } from './stalls.ts'
export { startTcpProxy, type TcpProxy } from './tcp-proxy.ts'
export { type TempDir, tempDir } from './temp-dir.ts'
export type { ContractSource, ContractUpdate } from './watched-source.ts'
