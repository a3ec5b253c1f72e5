import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TempDir, tempDir } from '@poolscope/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DirectoryLock } from './directory-lock.ts'

const HOLDER = `
  import { writeSync } from 'node:fs'
  import { DirectoryLock } from ${JSON.stringify(new URL('../../dist/history/directory-lock.js', import.meta.url).href)}
  DirectoryLock.take(process.argv[1])
  writeSync(1, 'held')
  setInterval(() => {}, 1000)
`

let dir: TempDir
beforeAll(async () => {
  dir = await tempDir()
})
afterAll(() => dir.stop())

describe(DirectoryLock, () => {
  it('is had by one at a time', () => {
    const path = join(dir.path, 'one')
    const first = DirectoryLock.take(path)
    const refused = expect.objectContaining({
      code: 'in_use',
      message: `Another agent uses ${path}. Stop it, or give this one a directory of its own with --data DIR.`,
    })
    expect(() => DirectoryLock.take(path)).toThrow(refused)
    expect(() => DirectoryLock.take(path)).toThrow(refused)
    first?.release()
    const second = DirectoryLock.take(path)
    expect(second).not.toBeNull()
    second?.release()
  })

  it('goes with a process that is killed', async () => {
    const path = join(dir.path, 'killed')
    const holder = spawn(process.execPath, ['--input-type=module', '-e', HOLDER, path], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    try {
      await once(holder.stdout, 'data')
      expect(() => DirectoryLock.take(path)).toThrow(expect.objectContaining({ code: 'in_use' }))
      const ended = once(holder, 'exit')
      holder.kill('SIGKILL')
      await ended
      const lock = DirectoryLock.take(path)
      expect(lock).not.toBeNull()
      lock?.release()
    } finally {
      holder.kill('SIGKILL')
    }
  })

  it('is not needed where nothing can be kept', () => {
    const file = join(dir.path, 'file')
    writeFileSync(file, '')
    expect(DirectoryLock.take(join(file, 'below'))).toBeNull()
  })
})
