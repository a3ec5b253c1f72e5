import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { tempDir } from './temp-dir.ts'

describe(tempDir, () => {
  it('makes a directory of its own and removes it with its content', async () => {
    const [one, two] = await Promise.all([tempDir(), tempDir()])
    expect(one.path).not.toBe(two.path)
    writeFileSync(join(one.path, 'file'), 'content')
    await Promise.all([one.stop(), two.stop()])
    expect([one.path, two.path].some(existsSync)).toBe(false)
  })
})
