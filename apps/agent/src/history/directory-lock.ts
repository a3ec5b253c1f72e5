import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import Libsql from 'libsql'
import { HistoryError, historyError, makeDir } from './database.ts'

const LOCK_NAME = 'agent.lock'

/**
 * One agent's hold on a directory, so that no other writes its alerts, silences and history. The lock is the system's on an open
 * file, which goes with the process however it ends: a file that was left behind holds nobody up.
 */
export class DirectoryLock {
  readonly #sql: Libsql.Database

  private constructor(sql: Libsql.Database) {
    this.#sql = sql
  }

  /**
   * Makes the directory where it is missing, and takes it.
   * @returns null where the directory cannot be written to, so that nothing would be kept in it anyway
   * @throws HistoryError `in_use` while another agent has it
   */
  static take(dir: string): DirectoryLock | null {
    let sql: Libsql.Database | null = null
    try {
      makeDir(dir)
      const path = join(dir, LOCK_NAME)
      closeSync(openSync(path, 'a', 0o600))
      sql = new Libsql(path)
      // Nothing is ever written, so that no journal need stand beside it.
      sql.exec('PRAGMA journal_mode = MEMORY')
      sql.exec('BEGIN EXCLUSIVE')
      return new DirectoryLock(sql)
    } catch (error) {
      sql?.close()
      if (historyError(error).code !== 'in_use') return null
      const message = `Another agent uses ${dir}. Stop it, or give this one a directory of its own with --data DIR.`
      throw new HistoryError('in_use', message, { cause: error })
    }
  }

  /** Lets the directory go. */
  release(): void {
    this.#sql.exec('ROLLBACK')
    this.#sql.close()
  }
}
