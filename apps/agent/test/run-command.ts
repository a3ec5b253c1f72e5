import { runCli } from '../src/commands/run-cli.ts'

/** Runs a command that ends by itself, within this process. */
export async function runCommand(args: readonly string[], env: Record<string, string> = {}) {
  const stdout: string[] = []
  const stderr: string[] = []
  const code = await runCli(
    {
      args: [...args],
      env,
      terminal: {
        print: (line) => void stdout.push(line),
        printError: (line) => void stderr.push(line),
      },
      signal: new AbortController().signal,
    },
    '0.0.0-test',
  )
  return { code, stdout: stdout.join('\n'), stderr: stderr.join('\n') }
}
