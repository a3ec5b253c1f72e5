import type { PoolConfig } from 'pg'

/** How every pool of the shop is set, but for its size: with limits on waiting, idling and running. */
export function poolSettings(databaseUrl: string, application: string, max: number): PoolConfig {
  return {
    connectionString: databaseUrl,
    application_name: application,
    max,
    connectionTimeoutMillis: 3000,
    idleTimeoutMillis: 20_000,
    statement_timeout: 10_000,
  }
}
