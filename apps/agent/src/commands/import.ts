import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readTextFile } from '../config/read-config-file.ts'
import { resolveConfig } from '../config/resolve-config.ts'
import { importAll, unpackRecording } from '../history/archive.ts'
import { ChunkStore } from '../history/chunk-store.ts'
import { HistoryError } from '../history/database.ts'
import { type Command, type CommandContext, StartError, UsageError } from './command.ts'
import { readArgs } from './read-args.ts'

/** Puts an exported range into a history. */
export const importCommand: Command = {
  usage: `import FILE --data DIR

  FILE        a file of "poolscope export"
  --data DIR  the directory of an agent that is stopped

Rows of the same pools and times take the place of those there. The agent then keeps them as long as its own.`,
  run: runImport,
}

async function runImport({ args, env, terminal }: CommandContext): Promise<void> {
  const { values, positionals } = readArgs(args, ['data'], true)
  const [file, ...more] = positionals
  if (file === undefined || more.length > 0) throw new UsageError('Name one file.')
  if (values.data === undefined) throw new UsageError('It needs --data.')
  const { history } = resolveConfig({ flags: { data: values.data }, env, readSecretFile: readTextFile })
  const dir = await mkdtemp(join(tmpdir(), 'poolscope-import-'))
  try {
    const tiers = await unpackRecording(file, dir)
    const recording = new ChunkStore({ dir, tiers, budgetBytes: history.budgetBytes })
    const store = new ChunkStore({ ...history, dir: values.data })
    const { rows, skippedSteps } = importAll(recording, store)
    recording.close()
    store.close()
    terminal.print(`Put ${rows} rows into ${values.data}.`)
    for (const step of skippedSteps) terminal.print(`It has no tier of ${step} s: those rows were left out.`)
  } catch (error) {
    if (error instanceof HistoryError) throw new StartError(error.message, { cause: error })
    throw error
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}
