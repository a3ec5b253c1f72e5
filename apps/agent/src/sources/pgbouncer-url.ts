import type { ClientConfig } from 'pg'
import { parsePostgresUrl, postgresAddress } from './postgresql-url.ts'

const PORT = 6432

/**
 * The driver's settings for `pgbouncer://user:password@host:6432`, Unix sockets as in PostgreSQL's URLs. Whatever
 * database the URL names, it is the admin console that is asked.
 * @throws Error as {@link parsePostgresUrl}
 */
export function parsePgbouncerUrl(url: string): ClientConfig {
  const { options: _, ...config } = parsePostgresUrl(asPostgresUrl(url))
  return { ...config, port: config.port ?? PORT, database: 'pgbouncer' }
}

/**
 * Where a connection string leads, without credentials.
 * @throws Error as {@link parsePostgresUrl}
 */
export function pgbouncerAddress(url: string): string {
  const { host = '', port = PORT } = parsePgbouncerUrl(url)
  // An IPv6 host comes out of the driver's parser without its brackets.
  return postgresAddress(`postgresql:///?host=${encodeURIComponent(host)}&port=${port}`)
}

function asPostgresUrl(url: string): string {
  return url.replace(/^pgbouncer:/i, 'postgresql:')
}
