import { closeSync, mkdirSync, openSync, readSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Libsql from 'libsql'

/** Layout of the tables. A file of another one is refused, never half understood. */
const FORMAT = 1
/** "POOL" in ASCII: this file is ours. */
const APPLICATION_ID = 0x504f_4f4c
/** Name of the file in its directory. */
export const FILE_NAME = 'history.db'
export const PAGE_BYTES = 4096
/** Where the header of SQLite has the number of the application. */
const APPLICATION_ID_AT = 68

/** Why a store cannot be opened or written to. */
export type HistoryErrorCode =
  | 'in_use'
  | 'full'
  | 'read_only'
  | 'not_ours'
  | 'newer'
  | 'corrupt'
  | 'broken'
  | 'unusable'

/** An expected failure of the store; `message` is a sentence for people. */
export class HistoryError extends Error {
  override readonly name = 'HistoryError'
  readonly code: HistoryErrorCode

  constructor(code: HistoryErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

const NOT_OURS: [HistoryErrorCode, string] = ['not_ours', 'The file of the history is not one of ours.']
const CORRUPT: [HistoryErrorCode, string] = ['corrupt', 'The file of the history is broken.']
const MESSAGES: Record<string, [HistoryErrorCode, string]> = {
  SQLITE_BUSY: ['in_use', 'Another agent uses the directory of the history.'],
  SQLITE_FULL: ['full', 'The disk of the history is full.'],
  SQLITE_READONLY: ['read_only', 'The directory of the history cannot be written to.'],
  SQLITE_CANTOPEN: ['unusable', 'The file of the history cannot be opened.'],
  SQLITE_NOTADB: NOT_OURS,
  SQLITE_CORRUPT: CORRUPT,
  EACCES: ['read_only', 'The directory of the history may not be used by this user.'],
  EPERM: ['read_only', 'The directory of the history may not be used by this user.'],
  EROFS: ['read_only', 'The directory of the history is on a read-only file system.'],
  ENOSPC: ['full', 'The disk of the history is full.'],
}

/** Makes an error of SQLite or of the system one of ours; it quotes no path and no data. */
export function historyError(error: unknown): HistoryError {
  if (error instanceof HistoryError) return error
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  // Extended codes begin with the plain one, such as SQLITE_READONLY_DIRECTORY.
  const known = MESSAGES[code] ?? MESSAGES[code.split('_').slice(0, 2).join('_')]
  if (known !== undefined) return new HistoryError(...known, { cause: error })
  // The engine names a failed open only by the number of SQLITE_CANTOPEN.
  if (error instanceof Error && /: 14\b/.test(error.message)) {
    return new HistoryError('unusable', 'The file of the history cannot be opened.', { cause: error })
  }
  const shown = code === '' ? 'an unknown error' : code
  return new HistoryError('broken', `The history cannot be read or written (${shown}).`, { cause: error })
}

/** The file is not what was written. */
export function corrupt(cause: unknown): HistoryError {
  return new HistoryError(...CORRUPT, { cause })
}

/** One row of a query, in the order of its columns. */
type SqlRow = unknown[]
type SqlValue = number | string | Uint8Array

/** A prepared statement. */
export type Statement = {
  run(...values: SqlValue[]): void
  all(...values: SqlValue[]): SqlRow[]
}

/** The SQLite file of a store, locked against every other process while it is open. */
export class Database {
  readonly #sql: Libsql.Database
  readonly #path: string

  /**
   * Opens the file of a directory, or makes both; nobody but their owner may read them.
   * @throws HistoryError
   */
  constructor(dir: string) {
    try {
      makeDir(dir)
      this.#path = join(dir, FILE_NAME)
      // SQLite gives its other files the mode of this one.
      closeSync(openSync(this.#path, 'a', 0o600))
      this.#sql = new Libsql(this.#path)
    } catch (error) {
      throw historyError(error)
    }
    try {
      this.#prepareFile()
    } catch (error) {
      this.close()
      const known = historyError(error)
      // A header that SQLite does not know may still be that of one of ours.
      throw known.code === 'not_ours' && isOurs(this.#path) ? corrupt(error) : known
    }
  }

  prepare(text: string): Statement {
    const statement = this.#sql.prepare<SqlValue[]>(text)
    if (!statement.reader) return { run: (...values) => void statement.run(...values), all: () => [] }
    const raw = statement.raw()
    return {
      run: (...values) => void raw.all(...values),
      all: (...values) => raw.all(...values) as SqlRow[],
    }
  }

  /** All or nothing. @throws HistoryError */
  transaction(work: () => void): void {
    try {
      this.#sql.exec('BEGIN IMMEDIATE')
      work()
      this.#sql.exec('COMMIT')
    } catch (error) {
      // A full disk has ended the transaction already.
      if (this.#sql.inTransaction) this.#sql.exec('ROLLBACK')
      throw historyError(error)
    }
  }

  /** Size of the files, and how much of it holds something. */
  size(): { bytes: number; usedBytes: number } {
    const pages = this.#pragma('page_count')
    const used = (pages - this.#pragma('freelist_count')) * PAGE_BYTES
    const walBytes = statSync(`${this.#path}-wal`, { throwIfNoEntry: false })?.size
    const wal = walBytes === undefined ? 0 : walBytes
    return { bytes: pages * PAGE_BYTES + wal, usedBytes: used + wal }
  }

  /** Gives pages that hold nothing back to the file system. */
  shrink(pages: number): void {
    this.#sql.prepare(`PRAGMA incremental_vacuum(${pages})`).all()
  }

  /** Limits the file as a full disk would: for tests where nothing can be mounted. */
  limitTo(bytes: number): void {
    this.#pragma(`max_page_count = ${Math.ceil(bytes / PAGE_BYTES)}`)
  }

  /** Writes all to the one file and lets go of it. */
  close(): void {
    try {
      // The connection itself lives until its statements are collected: the locks have to go by hand.
      this.#pragma('journal_mode = DELETE')
      this.#pragma('locking_mode = NORMAL')
      this.#pragma('user_version')
    } catch {
      // What could not be moved into the file stays beside it, and is read from there.
    }
    this.#sql.close()
  }

  #prepareFile(): void {
    this.#pragma(`page_size = ${PAGE_BYTES}`)
    this.#pragma('auto_vacuum = INCREMENTAL')
    // One owner needs no memory shared between processes, which a full disk could take away from under it.
    this.#pragma('locking_mode = EXCLUSIVE')
    this.#pragma('journal_mode = WAL')
    this.#pragma('synchronous = NORMAL')
    this.#pragma('cache_size = -8192')
    this.#pragma('journal_size_limit = 8388608')
    const tables = this.#sql.prepare('SELECT count(*) FROM sqlite_master').raw().all() as number[][]
    if (tables[0]?.[0] === 0) {
      this.#sql.exec(
        `BEGIN; ${SCHEMA} PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${FORMAT}; COMMIT`,
      )
    }
    if (this.#pragma('application_id') !== APPLICATION_ID) throw new HistoryError(...NOT_OURS)
    const format = this.#pragma('user_version')
    if (format !== FORMAT) {
      const message = `The history is of format ${format}; this agent reads format ${FORMAT}.`
      throw new HistoryError('newer', message)
    }
  }

  #pragma(text: string): number {
    const row = this.#sql.prepare(`PRAGMA ${text}`).get()
    return Number(typeof row === 'object' && row !== null ? Object.values(row)[0] : undefined)
  }
}

/** Whether a file has our number where SQLite keeps it, whatever else is broken. */
function isOurs(path: string): boolean {
  const header = Buffer.alloc(APPLICATION_ID_AT + 4)
  const file = openSync(path, 'r')
  try {
    readSync(file, header)
  } finally {
    closeSync(file)
  }
  return header.readUInt32BE(APPLICATION_ID_AT) === APPLICATION_ID
}

/** Makes a directory that only its owner may use, where there is none. By two steps, because the recursive one hides why it fails. */
export function makeDir(dir: string): void {
  if (statSync(dir, { throwIfNoEntry: false }) !== undefined) return
  const parent = dirname(dir)
  if (parent !== dir) mkdirSync(parent, { recursive: true, mode: 0o700 })
  mkdirSync(dir, { mode: 0o700 })
}

/**
 * `series`: pools, groups and servers by number; `shape`: lists of column names by number; `tail`: one record a tick
 * until its chunks are written; `tier`: what there is of each step; `rolled`: until when a series is rolled up to a
 * step; `record`: documents. Chunks have a table a step.
 */
const SCHEMA = `
  CREATE TABLE series(id INTEGER PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, about TEXT NOT NULL,
    closed INTEGER NOT NULL DEFAULT 0, UNIQUE(kind, name));
  CREATE TABLE shape(id INTEGER PRIMARY KEY, names TEXT NOT NULL UNIQUE);
  CREATE TABLE tail(id INTEGER PRIMARY KEY, data BLOB NOT NULL);
  CREATE TABLE tier(step INTEGER PRIMARY KEY, bytes INTEGER NOT NULL, cut INTEGER NOT NULL);
  CREATE TABLE rolled(step INTEGER NOT NULL, series INTEGER NOT NULL, until INTEGER NOT NULL,
    PRIMARY KEY(step, series)) WITHOUT ROWID;
  CREATE TABLE record(kind TEXT NOT NULL, id TEXT NOT NULL, at INTEGER NOT NULL, json TEXT NOT NULL,
    PRIMARY KEY(kind, id)) WITHOUT ROWID;
  CREATE INDEX record_by_time ON record(kind, at);
`
