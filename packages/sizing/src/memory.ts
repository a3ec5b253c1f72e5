import { checkNumber } from './check-number.ts'

const MIB = 1_048_576

/** What one connection costs a server in memory, and who says so. */
export type ConnectionMemory = {
  system: 'postgresql' | 'mysql' | 'mariadb' | 'mongodb' | 'redis' | 'pgbouncer'
  /** Null where nobody that we know of has measured it. */
  bytes: number | null
  /** What the connection did. */
  state: string
  kind: 'measured' | 'stated' | 'folklore' | 'unknown'
  source: string
}

/** Memory per connection by system; the number in circulation first, then what was measured. */
export const CONNECTION_MEMORY: readonly ConnectionMemory[] = [
  {
    system: 'postgresql',
    bytes: 10_000_000,
    state: 'any',
    kind: 'folklore',
    source:
      'Connection Management Reference: "~10MB"; resident size, which counts shared memory once for each connection',
  },
  {
    system: 'postgresql',
    bytes: Math.round(1.4 * MIB),
    state: 'new, idle',
    kind: 'measured',
    source: 'PostgreSQL 15, loss of available memory over 100 idle connections',
  },
  {
    system: 'postgresql',
    bytes: 4 * MIB,
    state: 'prepared statements',
    kind: 'measured',
    source: 'PostgreSQL 15, proportional set size with 300 of them, or with much of the catalogue read',
  },
  {
    system: 'postgresql',
    bytes: 12 * MIB,
    state: '1000 tables',
    kind: 'measured',
    source: 'PostgreSQL 15, proportional set size after touching them',
  },
  {
    system: 'mariadb',
    bytes: 81_000,
    state: 'one small statement, idle again',
    kind: 'measured',
    source: 'MariaDB 10.11, growth of its proportional set size over 200 connections',
  },
  {
    system: 'mariadb',
    bytes: 1_600_000,
    state: 'all of information_schema.columns read once',
    kind: 'measured',
    source: 'MariaDB 10.11, growth of its proportional set size over 200 connections',
  },
  {
    system: 'redis',
    bytes: 9800,
    state: 'one GET, idle again',
    kind: 'measured',
    source: 'Redis 7.0, growth of its proportional set size over 200 connections',
  },
  {
    system: 'mongodb',
    bytes: MIB,
    state: 'any',
    kind: 'stated',
    source: 'Percona Monitoring and Management, alert template for the memory of connections',
  },
  {
    system: 'pgbouncer',
    bytes: 2000,
    state: 'a client',
    kind: 'stated',
    source: 'pgbouncer.org, Features: "2 kB per connection by default"',
  },
  { system: 'mysql', bytes: null, state: 'any', kind: 'unknown', source: 'not measured' },
]

/**
 * Memory that connections take on a server; without what running statements take, which for PostgreSQL is up to
 * `work_mem` for each sort and hash of each of them.
 * @param connections 0 to 1,000,000
 * @param bytesEach as {@link CONNECTION_MEMORY} has it
 * @throws TypeError or RangeError
 * @example memoryOf(100, 10_000_000) // 1_000_000_000
 */
export function memoryOf(connections: number, bytesEach: number): number {
  checkNumber('connections', connections, { min: 0, max: 1_000_000, whole: true })
  checkNumber('bytesEach', bytesEach, { min: 0, max: 2 ** 40, unit: 'bytes' })
  return Math.ceil(connections * bytesEach)
}
