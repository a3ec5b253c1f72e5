#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { stopSignal } from './commands/stop-signal.ts'

const manifest: { version: string } = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
)
/** A reader that goes away, such as `head`, ends nothing. */
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})

const { signal, release } = stopSignal(() => process.exit(130))
// After the signals are taken: loading takes a while, and Ctrl-C may come meanwhile.
const { runCli } = await import('./commands/run-cli.ts')
const code = await runCli(
  {
    args: process.argv.slice(2),
    env: process.env,
    terminal: {
      print: (line) => void process.stdout.write(`${line}\n`),
      printError: (line) => void process.stderr.write(`${line}\n`),
    },
    signal,
  },
  manifest.version,
)
release()
// Sets the code instead of leaving at once, so that what was printed gets out.
process.exitCode = code
// Whatever still holds the process open by then is not worth waiting for.
setTimeout(() => process.exit(code), 2000).unref()
