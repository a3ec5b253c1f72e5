import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readConfigFile } from './read-config-file.ts'

let dir = ''
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'poolscope-config-'))
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

function read(text: string): unknown {
  const path = join(dir, 'config.yaml')
  writeFileSync(path, text)
  return readConfigFile(path)
}

describe(readConfigFile, () => {
  it('reads YAML, JSON and an empty file', () => {
    expect(read('port: 1\nservers:\n  - url: a\n')).toEqual({ port: 1, servers: [{ url: 'a' }] })
    expect(read('{ "port": 1 }')).toEqual({ port: 1 })
    expect(read('')).toEqual({})
  })

  it('names the line of what it cannot read, without showing it', () => {
    const broken = () => read('port: 1\ntoken: "canary-secret\n')
    expect(broken).toThrow(/config\.yaml:\d+:\d+: expected YAML/)
    expect(broken).not.toThrow(/canary/)
  })

  it('refuses a key that stands twice', () => {
    expect(() => read('port: 1\nport: 2\n')).toThrow(/duplicate key/)
  })

  it('names a file that is not there', () => {
    expect(() => readConfigFile(join(dir, 'none.yaml'))).toThrow(
      /expected a file that can be read \(ENOENT\)/,
    )
  })
})
