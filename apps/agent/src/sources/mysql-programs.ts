import { ELAPSED_SQL, type MysqlSession } from './mysql-session.ts'

const NAMES_SQL = `SELECT PROCESSLIST_ID AS pid, ATTR_VALUE AS name, ${ELAPSED_SQL}
 FROM performance_schema.session_connect_attrs
 WHERE ATTR_NAME = 'program_name'`

/** Names that clients give themselves as they connect. A session seldom changes its own, so each is asked for once. */
export class ProgramNames {
  #names = new Map<number, string>()

  /**
   * Names by session; an empty one where a client gave none.
   * @param all asks for all of them again
   */
  async read(
    session: MysqlSession,
    pids: readonly number[],
    all: boolean,
  ): Promise<ReadonlyMap<number, string>> {
    const unknown = all ? pids : pids.filter((pid) => !this.#names.has(pid))
    if (unknown.length === 0) return this.#names
    const only = all ? '' : ` AND PROCESSLIST_ID IN (${unknown.join(', ')})`
    const found = await session.query<{ pid: number; name: string | null }>(NAMES_SQL + only)
    if (all) this.#names = new Map()
    for (const pid of unknown) this.#names.set(pid, '')
    for (const { pid, name } of found) this.#names.set(pid, name ?? '')
    return this.#names
  }
}
