import type { ConnectionLimit } from '@poolscope/protocol'
import { cleanName } from './clean-name.ts'
import type { ClientKindRow } from './mysql-clients.ts'
import { isDenied } from './mysql-errors.ts'
import type { MysqlSession } from './mysql-session.ts'

/** An account with the limit that holds for it; 0 is none. */
export type AccountRow = { user: string; host: string; max: number }

/** Most limits that are shown. */
const MOST = 200
/** Accounts that are read. */
const MOST_ACCOUNTS = 2000

const ACCOUNTS_SQL = `SELECT User AS user, Host AS host,
 IF(max_user_connections > 0, max_user_connections, @@GLOBAL.max_user_connections) AS max
 FROM mysql.user WHERE User <> '' LIMIT ${MOST_ACCOUNTS}`

const OWN_SQL = `SELECT SUBSTRING_INDEX(CURRENT_USER(), '@', -1) AS host, @@max_user_connections AS max,
 LEFT(CURRENT_USER(), CHAR_LENGTH(CURRENT_USER()) - LOCATE('@', REVERSE(CURRENT_USER()))) AS user`

/** Accounts and their limits: all of them where they may be read, else the agent's own. */
export async function readAccounts(session: MysqlSession): Promise<AccountRow[]> {
  try {
    return await session.query<AccountRow>(ACCOUNTS_SQL)
  } catch (error) {
    if (!isDenied(error)) throw error
    return await session.query<AccountRow>(OWN_SQL)
  }
}

/**
 * Limits of accounts, and what is used of each. A session tells the name of its user, not which of several accounts of
 * that name let it in: then what is used of each is not known.
 * @param rows all sessions but the agent's own; null where those of others may not be seen
 * @param own user name of the agent
 */
export function userLimits(
  accounts: readonly AccountRow[],
  rows: readonly ClientKindRow[] | null,
  own: string,
): ConnectionLimit[] {
  const used = countBy(rows?.map(({ user }) => user) ?? [])
  used.set(own, (used.get(own) ?? 0) + 1)
  const namesakes = countBy(accounts.map(({ user }) => user))
  return accounts
    .filter(({ max }) => max > 0)
    .map(({ user, host, max }) => ({
      kind: 'user' as const,
      name: cleanName(`${user}@${host}`),
      used: rows === null || namesakes.get(user) !== 1 ? null : (used.get(user) ?? 0),
      max,
    }))
    .sort((a, b) => (b.used ?? 0) / b.max - (a.used ?? 0) / a.max)
    .slice(0, MOST)
}

function countBy(names: readonly (string | null)[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const name of names) if (name !== null) counts.set(name, (counts.get(name) ?? 0) + 1)
  return counts
}
