import type { ClientConfig } from 'pg'
import { type ConnectionOptions, parse, toClientConfig } from 'pg-connection-string'

/** Settings that a pooler refuses at start-up, or that would change what a sample is. */
const DROPPED = [
  'statement_timeout',
  'lock_timeout',
  'idle_in_transaction_session_timeout',
  'query_timeout',
  'connectionTimeoutMillis',
  'replication',
  'application_name',
  'fallback_application_name',
]

/**
 * The driver's settings for a connection string, in all the forms that libpq's users write: URLs, Unix sockets as
 * host or as `socket:`, and `sslmode` with libpq's meaning (`require` encrypts, `verify-full` also checks
 * who answers).
 * @throws Error when it is no connection string, or names a certificate that cannot be read
 */
export function parsePostgresUrl(url: string): ClientConfig {
  const mode = /[?&]sslmode=([a-z-]+)/i.exec(url)?.[1]
  const own = mode === 'no-verify' || /[?&]uselibpqcompat=/i.test(url)
  const options: ConnectionOptions = parse(url, own ? {} : { useLibpqCompat: true })
  for (const name of DROPPED) delete options[name]
  return toClientConfig(options)
}

/**
 * Where a connection string leads, without credentials.
 * @returns `host:port`, an IPv6 host in brackets, or the path of a Unix socket
 * @throws Error as {@link parsePostgresUrl}
 */
export function postgresAddress(url: string): string {
  const { host = '', port = 5432 } = parsePostgresUrl(url)
  if (host.startsWith('/')) return `${host.replace(/\/+$/, '')}/.s.PGSQL.${port}`
  const name = host === '' ? 'localhost' : host.toLowerCase()
  return `${name.includes(':') ? `[${name}]` : name}:${port}`
}
