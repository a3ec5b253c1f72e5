import { createWriteStream } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream } from 'node:stream/web'
import { readTextFile } from '../config/read-config-file.ts'
import { resolveConfig } from '../config/resolve-config.ts'
import { exportFile, openStored } from '../history/archive.ts'
import { HistoryError } from '../history/database.ts'
import { type Command, type CommandContext, StartError, UsageError } from './command.ts'
import { readArgs } from './read-args.ts'
import { readTime } from './read-time.ts'

/** Writes a range of the history as one file. */
export const exportCommand: Command = {
  usage: `export --from TIME --to TIME [--out FILE] [--data DIR | --url URL]

  --from TIME, --to TIME  the range, such as 2026-03-01T14:00Z
  --out FILE              where to write it                           [poolscope-export.db]
  --url URL               a running agent that is asked for it
  --data DIR              the directory of an agent that is stopped   [$XDG_STATE_HOME/poolscope]

"poolscope serve --replay FILE" shows the file, "poolscope import" puts it into another history.
Environment: POOLSCOPE_DATA, POOLSCOPE_TOKEN and POOLSCOPE_TOKEN_FILE for --url.`,
  run: runExport,
}

async function runExport({ args, env, terminal, signal }: CommandContext): Promise<void> {
  const { values } = readArgs(args, ['from', 'to', 'out', 'data', 'url'], false)
  if (values.from === undefined || values.to === undefined) throw new UsageError('It needs --from and --to.')
  const fromMs = readTime(values.from, '--from')
  const toMs = readTime(values.to, '--to')
  if (fromMs > toMs) throw new UsageError('--from must not be after --to.')
  if (values.data !== undefined && values.url !== undefined) throw new UsageError('Give --data or --url.')
  const { history, token } = resolveConfig({
    flags: { data: values.data },
    env,
    readSecretFile: readTextFile,
  })
  const out = values.out ?? 'poolscope-export.db'
  try {
    if (values.url === undefined) await fromDirectory(history.dir, out, fromMs, toMs)
    else await fromAgent({ url: values.url, token, signal }, out, fromMs, toMs)
  } catch (error) {
    if (!(error instanceof HistoryError)) throw error
    const hint = error.code === 'in_use' ? ' Ask it with --url.' : ''
    throw new StartError(`${error.message}${hint}`, { cause: error })
  }
  const { size } = await stat(out)
  terminal.print(`Wrote ${out}, ${Math.ceil(size / 1024)} KiB.`)
}

async function fromDirectory(dir: string | null, out: string, fromMs: number, toMs: number): Promise<void> {
  if (dir === null) throw new UsageError('It needs --data or --url.')
  const store = openStored(dir)
  const into = await mkdtemp(join(tmpdir(), 'poolscope-export-'))
  try {
    exportFile(store, into, out, fromMs, toMs)
  } finally {
    store.close()
    await rm(into, { recursive: true, force: true })
  }
}

async function fromAgent(
  { url, token, signal }: { url: string; token: string | null; signal: AbortSignal },
  out: string,
  fromMs: number,
  toMs: number,
): Promise<void> {
  if (!URL.canParse(url)) throw new UsageError('--url expects an address such as http://127.0.0.1:7077.')
  const asked = new URL(`/api/v1/history/export?fromMs=${fromMs}&toMs=${toMs}`, url)
  const headers = token === null ? {} : { authorization: `Bearer ${token}` }
  const answer = await fetch(asked, { headers, signal }).catch((error: unknown) => {
    throw new StartError(`${asked.origin} does not answer.`, { cause: error })
  })
  if (!answer.ok || answer.body === null) {
    throw new StartError(`${asked.origin} answers with ${answer.status}.`)
  }
  const body = Readable.fromWeb(answer.body as ReadableStream<Uint8Array>)
  await pipeline(body, createWriteStream(out, { mode: 0o600 }))
}
