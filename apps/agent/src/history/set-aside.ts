import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  statSync,
  truncateSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { importing, openStored } from './archive.ts'
import type { ChunkStore } from './chunk-store.ts'
import { FILE_NAME, PAGE_BYTES } from './database.ts'

const MAGIC = 'SQLite format 3\0'
/** Where the header of SQLite has the number of pages, and how much of it is read for that. */
const PAGES_AT = 28
/** No history is so large: a number of pages that says so is broken itself. */
const MOST_BYTES = 2 ** 40
/** What belongs to the file, by how its name ends. */
const PARTS = ['', '-wal', '-journal']

/** Moves the file of a directory into a new one inside of it. @returns its name */
export function setAside(dir: string, nowMs: number): string {
  const name = `broken-${new Date(nowMs).toISOString().replaceAll(/[:.]/g, '-')}`
  mkdirSync(join(dir, name), { mode: 0o700 })
  for (const part of PARTS) {
    const file = FILE_NAME + part
    if (existsSync(join(dir, file))) renameSync(join(dir, file), join(dir, name, file))
  }
  return name
}

/** What was taken over from a broken file. */
export type Salvaged = { rows: number; unreadable: number }

/** Takes over what can be read of a file that was set aside, a little at a time. */
export function* salvage(brokenDir: string, store: ChunkStore): Generator<void, Salvaged> {
  let recording: ChunkStore
  try {
    mend(join(brokenDir, FILE_NAME))
    recording = openStored(brokenDir, true)
  } catch {
    // Not even its list of tables can be read.
    return { rows: 0, unreadable: 1 }
  }
  try {
    const { rows } = yield* importing(recording, store)
    return { rows, unreadable: recording.facts().brokenPieces }
  } finally {
    recording.close()
  }
}

/** SQLite opens no file without its first words, nor one that is shorter than it says: what is missing becomes empty pages. */
function mend(path: string): void {
  const header = Buffer.alloc(PAGES_AT + 4)
  const file = openSync(path, 'r+')
  readSync(file, header)
  writeSync(file, MAGIC, 0, 'latin1')
  closeSync(file)
  const bytes = header.readUInt32BE(PAGES_AT) * PAGE_BYTES
  if (statSync(path).size < bytes && bytes < MOST_BYTES) truncateSync(path, bytes)
}
