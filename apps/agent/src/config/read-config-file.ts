import { readFileSync } from 'node:fs'
import { parseDocument } from 'yaml'
import { ConfigError } from './config-error.ts'

/**
 * What a configuration file says, unchecked. YAML, and so JSON too.
 * @throws ConfigError when it cannot be read or is no YAML; quotes nothing of it
 */
export function readConfigFile(path: string): unknown {
  const document = parseDocument(readTextFile(path), { logLevel: 'silent' })
  if (document.errors.length > 0) {
    throw new ConfigError(
      document.errors.map((error) => ({
        path: `${path}${error.linePos === undefined ? '' : `:${error.linePos[0].line}:${error.linePos[0].col}`}`,
        // The text of the error would show the line, and with it perhaps a password.
        expected: `expected YAML (${error.code.toLowerCase().replaceAll('_', ' ')})`,
      })),
    )
  }
  try {
    return document.toJS({ maxAliasCount: 100 }) ?? {}
  } catch (error) {
    throw new ConfigError([{ path, expected: 'expected YAML with at most 100 aliases' }], { cause: error })
  }
}

/**
 * The text of a file that the configuration names.
 * @throws ConfigError when it cannot be read
 */
export function readTextFile(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    throw new ConfigError([{ path, expected: `expected a file that can be read (${code})` }], {
      cause: error,
    })
  }
}
