import type { SourceErrorCode } from '@poolscope/protocol'
import { commonMessage, type Failure, networkCode, stateOf } from './failure.ts'

/** Where it happened; none of it is secret. */
export type MongodbContext = {
  address: string
  user: string
  /** When it was last sampled, hardly a connection was to be had. */
  wasFull: boolean
}

/** The server hung up before it had said a word. */
export class HungUpError extends Error {
  override readonly name = 'HungUpError'
}

/** The server's numbers of its errors. */
const BY_NUMBER: Record<number, SourceErrorCode> = {
  11: 'auth_failed',
  18: 'auth_failed',
  334: 'auth_failed',
  8000: 'auth_failed',
  13: 'permission_denied',
  50: 'timeout',
  91: 'shutting_down',
  11600: 'shutting_down',
  11602: 'connection_lost',
  13436: 'starting_up',
}

/** Unauthorized, CommandNotFound, NoReplicationEnabled, CommandNotSupported, a hosted server's own, an unknown stage. */
const LEFT_OUT = new Set([13, 59, 76, 115, 8000, 40_324])

const BY_NAME: Record<string, SourceErrorCode> = {
  MongoCompatibilityError: 'version_unsupported',
  MongoNetworkTimeoutError: 'timeout',
  MongoNetworkError: 'connection_lost',
  HungUpError: 'connection_lost',
}

/** Says what an error of the driver means; the text that came with it is never repeated. */
export function describeMongodbFailure(error: unknown, context: MongodbContext): Failure {
  const code = error instanceof HungUpError && context.wasFull ? 'connections_exhausted' : codeOf(error)
  return { code, state: stateOf(code), message: messageOf(code, context, error) }
}

/** True when the server's own time-out ended a command: the connection still stands. */
export function isTimeLimit(error: unknown): boolean {
  return numberOf(error) === 50
}

/**
 * True when a command that is worth having and no more cannot be had: the user may not run it, or this server, which may
 * only speak like a MongoDB, has none.
 */
export function isLeftOut(error: unknown): boolean {
  const number = numberOf(error)
  return number !== null && LEFT_OUT.has(number)
}

function codeOf(error: unknown): SourceErrorCode {
  const outside = networkCode(error) ?? networkCode(causeOf(error))
  if (outside !== null) return outside
  if (!(error instanceof Error)) return 'unknown'
  const number = numberOf(error)
  if (number !== null) return BY_NUMBER[number] ?? 'unknown'
  return BY_NAME[error.name] ?? 'unknown'
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined
}

function numberOf(error: unknown): number | null {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : null
  return typeof code === 'number' ? code : null
}

function messageOf(code: SourceErrorCode, { address, user }: MongodbContext, error: unknown): string {
  switch (code) {
    case 'connections_exhausted':
      return `${address} hung up without a word, and had hardly a connection left before: net.maxIncomingConnections is reached. Close idle clients, lower maxPoolSize, or let the agent in by net.maxIncomingConnectionsOverride.`
    case 'auth_failed':
      return `${address} does not accept user ${user} with this password. Check both in the URL, and authSource: the database that the user was created in, admin unless the URL says otherwise.`
    case 'permission_denied':
      return `User ${user} may not read ${address}. It needs serverStatus: in admin, db.grantRolesToUser("${user}", ["clusterMonitor"]), or name another user in the URL.`
    case 'connection_refused':
      return `Nothing accepts connections at ${address}. Check that mongod or mongos runs, and its net.bindIp and net.port.`
    case 'tls_failed':
      return `No secure connection to ${address}. Check that its net.tls.mode allows it, tlsCAFile in the URL, and the certificate: its name, its issuer and its dates.`
    case 'version_unsupported':
      return `${address} is older than MongoDB 4.2, the oldest version that is supported, or no MongoDB.`
    case 'connection_lost':
      return error instanceof HungUpError
        ? `${address} hung up without a word. A MongoDB does so when it is full (net.maxIncomingConnections) or wants TLS (add tls=true); or it has just stopped. It is tried again.`
        : (commonMessage(code, address) as string)
    default:
      return (
        commonMessage(code, address) ??
        `${address} answered with an unexpected error. The log of the server has the details.`
      )
  }
}
