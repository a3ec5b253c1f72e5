import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findMysqld } from './mysqld.ts'
import { type TempDir, tempDir } from './temp-dir.ts'

let dir: TempDir
beforeAll(async () => {
  dir = await tempDir()
})
afterAll(() => dir.stop())

/** A program that says this of its version. */
function program(said: string): string {
  const path = join(dir.path, 'mysqld')
  writeFileSync(path, `#!/bin/sh\necho '${said}'\n`)
  chmodSync(path, 0o755)
  return path
}

describe(findMysqld, () => {
  it('knows a MySQL by what it says, wherever it lies', () => {
    const path = program('/opt/mariadb/mysqld  Ver 9.7.4-2 for Linux on x86_64 ((Debian))')
    expect(findMysqld({ POOLSCOPE_TEST_MYSQLD: path })).toMatchObject({
      label: 'MySQL 9.7.4',
      version: '9.7.4',
    })
    expect(findMysqld({ PATH: dir.path })).toMatchObject({ version: '9.7.4' })
  })

  it('takes no MariaDB for one: one on the PATH is passed by, one that is named is refused', () => {
    const path = program('mysqld  Ver 10.11.14-MariaDB-0+deb12u2 for debian-linux-gnu on x86_64 (Debian 12)')
    expect(findMysqld({ PATH: dir.path })).toBeNull()
    expect(() => findMysqld({ POOLSCOPE_TEST_MYSQLD: path })).toThrow('which is no MySQL')
  })
})
