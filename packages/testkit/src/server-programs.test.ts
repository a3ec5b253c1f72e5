import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findProgram, namedProgram, programBeside, requireProgram, variableOf } from './server-programs.ts'
import { type TempDir, tempDir } from './temp-dir.ts'

let dir: TempDir
const at = (...names: string[]) => join(dir.path, ...names)

beforeAll(async () => {
  dir = await tempDir()
  for (const folder of ['bin', 'sbin']) mkdirSync(at(folder))
  for (const file of [at('sbin', 'served'), at('bin', 'serve-init'), at('text')]) {
    writeFileSync(file, '#!/bin/sh\n')
    chmodSync(file, file === at('text') ? 0o644 : 0o755)
  }
})
afterAll(() => dir.stop())

describe(variableOf, () => {
  it('is called by the program', () => {
    expect(variableOf('redis-server')).toBe('POOLSCOPE_TEST_REDIS_SERVER')
  })
})

describe(findProgram, () => {
  it('takes what the variable names, else what is on the PATH', () => {
    const PATH = at('sbin')
    expect(findProgram('served', { PATH })).toBe(at('sbin', 'served'))
    expect(findProgram('served', { PATH, POOLSCOPE_TEST_SERVED: at('bin', 'serve-init') })).toBe(
      at('bin', 'serve-init'),
    )
    expect(findProgram('unheard-of', { PATH })).toBeNull()
  })
})

describe(namedProgram, () => {
  it('never gives another server to who asks for one', () => {
    expect(namedProgram('served', {})).toBeNull()
    for (const named of [at('gone'), at('text'), at('sbin')]) {
      expect(() => namedProgram('served', { POOLSCOPE_TEST_SERVED: named })).toThrow(
        `POOLSCOPE_TEST_SERVED names ${named}`,
      )
    }
  })
})

describe(requireProgram, () => {
  it('says how to get what is missing', () => {
    expect(() => requireProgram({ program: 'unheard-of', name: 'It', debian: 'it-server' })).toThrow(
      'It is not on this machine. Install it, on Debian with: apt-get install it-server; or name its program in POOLSCOPE_TEST_UNHEARD_OF.',
    )
  })
})

describe(programBeside, () => {
  it('looks in the same folder, and in bin beside sbin', () => {
    expect(programBeside(at('sbin', 'served'), 'serve-init')).toBe(at('bin', 'serve-init'))
    expect(programBeside(at('bin', 'serve-init'), 'serve-init')).toBe(at('bin', 'serve-init'))
    expect(() => programBeside(at('sbin', 'served'), 'other')).toThrow('There is no other beside')
  })
})
