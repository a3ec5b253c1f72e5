import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A private directory; `stop` removes it with all that is in it. */
export type TempDir = { path: string; stop(): Promise<void> }

/** Makes a new, empty directory that only this user can read. */
export async function tempDir(): Promise<TempDir> {
  const path = await mkdtemp(join(tmpdir(), 'poolscope-test-'))
  return { path, stop: () => rm(path, { recursive: true, force: true }) }
}
