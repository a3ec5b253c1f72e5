export { type Blackhole, startBlackhole } from './blackhole.ts'
export { type EventuallyOptions, eventually } from './eventually.ts'
export {
  fillConnections,
  type HeldConnections,
  type HoldOptions,
  holdConnections,
} from './hold-connections.ts'
export { type PostgresTestOptions, type PostgresVersion, postgresVersions } from './postgres-versions.ts'
export { startTcpProxy, type TcpProxy } from './tcp-proxy.ts'
export { type TempDir, tempDir } from './temp-dir.ts'
