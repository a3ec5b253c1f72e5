import { ConfigError } from '../config/config-error.ts'
import { suggest } from '../config/suggest.ts'
import { type Command, type CommandContext, StartError, UsageError } from './command.ts'
import { COMMANDS } from './commands.ts'
import { helpFor, overview } from './help.ts'

/**
 * Runs what stands on the command line.
 * @returns the exit code: 0 when done or stopped by a signal, 1 when it could not start, 2 for wrong
 *   use or a wrong configuration
 */
export async function runCli(context: CommandContext, version: string): Promise<number> {
  const { terminal } = context
  try {
    await dispatch(context, version)
    return 0
  } catch (error) {
    if (error instanceof UsageError) {
      terminal.printError(`poolscope: ${error.message}`)
      return 2
    }
    if (error instanceof ConfigError) {
      terminal.printError('poolscope: the configuration is wrong.')
      for (const { path, expected } of error.problems) terminal.printError(`  ${path}: ${expected}`)
      return 2
    }
    if (error instanceof StartError) {
      terminal.printError(`poolscope: ${error.message}`)
      return 1
    }
    throw error
  }
}

async function dispatch({ args, ...rest }: CommandContext, version: string): Promise<void> {
  const { terminal } = rest
  const [name, ...own] = args
  if (name === '--version' || name === '-v') return terminal.print(version)
  if (name === undefined) throw new UsageError('Name a command. "poolscope --help" lists them.')
  if (name === '--help' || name === '-h') return terminal.print(overview(COMMANDS))
  if (name === 'help') {
    return terminal.print(own[0] === undefined ? overview(COMMANDS) : helpFor(await find(own[0])))
  }
  const command = await find(name)
  if (own.includes('--help') || own.includes('-h')) return terminal.print(helpFor(command))
  try {
    await command.run({ ...rest, args: own })
  } catch (error) {
    if (error instanceof UsageError) throw new UsageError(`${error.message} See "poolscope help ${name}".`)
    throw error
  }
}

async function find(name: string): Promise<Command> {
  const listed = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (listed !== undefined) return listed.load()
  const meant = suggest(name, Object.keys(COMMANDS))
  // A URL in the place of the command may hold a password.
  const shown = /^[a-z-]{1,20}$/.test(name) ? ` ${name}` : ''
  throw new UsageError(
    `Unknown command${shown}.${meant === null ? '' : ` Did you mean ${meant}?`} "poolscope --help" lists them.`,
  )
}
