import type { Command } from './command.ts'
import type { ListedCommand } from './commands.ts'

/** The text of `poolscope --help`. */
export function overview(commands: Readonly<Record<string, ListedCommand>>): string {
  const width = Math.max(...Object.keys(commands).map((name) => name.length))
  const list = Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`)
  return `Poolscope shows every connection pool that you run.

Usage: poolscope <command> [options]

${list.join('\n')}

  poolscope help <command>   what a command takes
  poolscope --version        the version`
}

/** The text of `poolscope help <command>`. */
export function helpFor(command: Command): string {
  return `Usage: poolscope ${command.usage}`
}
