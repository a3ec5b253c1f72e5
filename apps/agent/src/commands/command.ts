/** What a command is given; all that it may touch outside itself. */
export type CommandContext = {
  args: string[]
  env: Readonly<Record<string, string | undefined>>
  terminal: Terminal
  /** Aborted by the first SIGINT, SIGTERM or SIGHUP. */
  signal: AbortSignal
}

/** Where a command prints. */
export type Terminal = {
  print(line: string): void
  printError(line: string): void
}

/** A command of `poolscope`. */
export type Command = {
  /** What `help` prints, without the name of the program. */
  usage: string
  /**
   * Runs to its end, which for a server is the signal.
   * @throws UsageError, ConfigError or StartError
   */
  run(context: CommandContext): Promise<void>
}

/** The command line is wrong: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** It could not start, and says why in one line: exit code 1. */
export class StartError extends Error {
  override readonly name = 'StartError'
}
