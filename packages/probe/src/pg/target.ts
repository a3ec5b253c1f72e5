import type { PoolTarget } from '@poolscope/protocol'
import type { PgClient } from './shape.ts'

/**
 * Where a pool leads by its options, before its first connection says so itself. Never its password.
 * Follows what the driver does: the connection string, then the single options, then the environment.
 */
export function targetOf(options: Record<string, unknown>, env: NodeJS.ProcessEnv): PoolTarget {
  const url = parse(options.connectionString)
  return {
    host: text(url?.host, 255) ?? text(options.host, 255) ?? text(env.PGHOST, 255) ?? 'localhost',
    port: port(url?.port) ?? port(options.port) ?? port(env.PGPORT) ?? 5432,
    database: text(url?.database) ?? text(options.database) ?? text(env.PGDATABASE),
    user: text(url?.user) ?? text(options.user) ?? text(env.PGUSER),
  }
}

/** Where a connection leads by its own word; what it does not say is taken from `before`. */
export function targetOfClient(client: PgClient, before: PoolTarget): PoolTarget {
  return {
    host: text(client.host, 255) ?? before.host,
    port: port(client.port) ?? before.port,
    database: text(client.database) ?? before.database,
    user: text(client.user) ?? before.user,
  }
}

type Parts = { host: string | null; port: string; database: string; user: string }

function parse(connectionString: unknown): Parts | null {
  if (typeof connectionString !== 'string') return null
  try {
    const url = new URL(connectionString)
    return {
      host: url.searchParams.get('host') ?? decodeURIComponent(url.hostname),
      port: url.port,
      database: decodeURIComponent(url.pathname.slice(1)),
      user: decodeURIComponent(url.username),
    }
  } catch {
    return null
  }
}

function text(value: unknown, length = 200): string | null {
  return typeof value === 'string' && value !== '' ? value.slice(0, length) : null
}

function port(value: unknown): number | null {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isInteger(number) && number >= 0 && number <= 65_535
    ? number
    : null
}
