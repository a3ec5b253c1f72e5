import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, dirname, join, resolve } from 'node:path'

/** Where packages put servers, which is not on everybody's PATH. */
const MORE_FOLDERS = ['/usr/sbin', '/usr/bin', '/usr/local/sbin', '/usr/local/bin', '/opt/homebrew/bin']

/** A server's program that tests start: what it is called, and how to get it. */
export type ServerName = {
  /** Its file, by which the variable is called that names another one. */
  program: string
  /** What people call it. */
  name: string
  /** The package of Debian. */
  debian: string
}

/**
 * Variable that names the program that tests start instead of the one that is installed.
 * @example variableOf('redis-server') // 'POOLSCOPE_TEST_REDIS_SERVER'
 */
export function variableOf(program: string): string {
  return `POOLSCOPE_TEST_${program.toUpperCase().replaceAll('-', '_')}`
}

/**
 * Path of the program that its variable names; null without the variable.
 * @throws Error when what it names cannot be run: who asks for a server is never given another one
 */
export function namedProgram(program: string, env = process.env): string | null {
  const variable = variableOf(program)
  const named = env[variable]
  if (named === undefined || named === '') return null
  const path = resolve(named)
  if (!isProgram(path)) throw new Error(`${variable} names ${path}, which is no program that can be run.`)
  return path
}

/** Path of the program that its variable names, else of the installed one; null where there is none. @throws as {@link namedProgram} */
export function findProgram(program: string, env = process.env): string | null {
  const folders = [...(env.PATH ?? '').split(delimiter).filter((folder) => folder !== ''), ...MORE_FOLDERS]
  return namedProgram(program, env) ?? folders.map((folder) => join(folder, program)).find(isProgram) ?? null
}

/** The same for a server without which a test cannot run. @throws Error saying how to get it */
export function requireProgram({ program, name, debian }: ServerName): string {
  const found = findProgram(program)
  if (found !== null) return found
  throw new Error(
    `${name} is not on this machine. Install it, on Debian with: apt-get install ${debian}; or name its program in ${variableOf(program)}.`,
  )
}

/** A program that belongs to another one and lies beside it, or in the `bin` beside its `sbin`. @throws Error saying where it should be */
export function programBeside(path: string, program: string): string {
  const folder = dirname(path)
  const found = [join(folder, program), join(folder, '..', 'bin', program)].find(isProgram)
  if (found !== undefined) return found
  throw new Error(`There is no ${program} beside ${path}.`)
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
