import { type CheckItem, fine } from './check.ts'
import { cleanName } from './clean-name.ts'
import { quotedAccount } from './mysql-account.ts'
import type { SchemaState, Variables } from './mysql-details.ts'
import { isDenied } from './mysql-errors.ts'
import type { MysqlDoor } from './mysql-flavor.ts'
import type { MysqlSession } from './mysql-session.ts'

/** What the reader knows already when it is asked. */
export type CheckFacts = {
  /** Sessions of all users were seen. */
  seesAll: boolean
  schema: SchemaState
  settings: Variables
  door: MysqlDoor
  /** The port by which the agent came; null for a Unix socket. */
  port: number | null
}

/** What the account of this session may read, and the statement for each right that is missing. */
export async function checkMysql(session: MysqlSession, facts: CheckFacts): Promise<CheckItem[]> {
  const [row] = await session.query<{ account: string; limit: number }>(
    'SELECT CURRENT_USER() AS account, @@max_user_connections AS `limit`',
  )
  if (row === undefined) return []
  const account = quotedAccount(row.account)
  const grants = (await session.query<Record<string, string>>('SHOW GRANTS')).flatMap(Object.values)
  const limits = await mayRead(session, 'SELECT User, Host, max_user_connections FROM mysql.user LIMIT 1')
  return [
    role(grants, account),
    sessions(facts, account),
    statements(facts, account),
    userLimits(limits, account),
    ownLimit(row.limit, account),
    door(facts, grants, account),
  ]
}

function role(grants: readonly string[], account: string): CheckItem {
  const what = 'role'
  if (!grants.some((text) => /\b(ALL PRIVILEGES|SUPER)\b.* ON \*\.\*/.test(text))) {
    return fine(what, `${account} is no administrator, and its sessions are read-only.`)
  }
  return {
    what,
    state: 'advice',
    message: `${account} is an administrator, which may do far more than watching needs.`,
    fix: [
      "CREATE USER poolscope@'%' IDENTIFIED BY '…' WITH MAX_USER_CONNECTIONS 3;",
      "GRANT PROCESS ON *.* TO poolscope@'%';",
      "GRANT SELECT ON performance_schema.* TO poolscope@'%';",
    ],
  }
}

function sessions({ seesAll }: CheckFacts, account: string): CheckItem {
  const what = 'sessions of all users'
  if (seesAll) return fine(what, 'Sessions and open transactions of every user may be seen.')
  return {
    what,
    state: 'missing',
    message: 'Only the number of sessions is known, not what they do.',
    fix: [`GRANT PROCESS ON *.* TO ${account};`],
  }
}

function statements({ schema }: CheckFacts, account: string): CheckItem {
  const what = 'program names and slow statements'
  if (schema === 'on') return fine(what, 'The performance schema may be read.')
  if (schema === 'denied') {
    return {
      what,
      state: 'missing',
      message: 'The performance schema may not be read: programs have no names, and statements are sampled.',
      fix: [`GRANT SELECT ON performance_schema.* TO ${account};`],
    }
  }
  return {
    what,
    state: 'advice',
    message: 'The performance schema is off: programs have no names, and statements are sampled.',
    fix: ['performance_schema = ON       # in the [mysqld] section of the configuration, then restart'],
  }
}

function userLimits(readable: boolean, account: string): CheckItem {
  const what = 'limits of users'
  if (readable) return fine(what, 'MAX_USER_CONNECTIONS of every account may be read.')
  return {
    what,
    state: 'advice',
    message: 'Only the agent’s own limit is known.',
    fix: [`GRANT SELECT (User, Host, max_user_connections) ON mysql.user TO ${account};`],
  }
}

function ownLimit(limit: number, account: string): CheckItem {
  const what = 'its own limit'
  if (limit > 0 && limit <= 10) return fine(what, `At most ${limit} connections.`)
  return {
    what,
    state: 'advice',
    message: 'Nothing keeps other programs with this password from taking every place.',
    fix: [`ALTER USER ${account} WITH MAX_USER_CONNECTIONS 3;`],
  }
}

/** Whether there is a way in while every ordinary place is taken. */
function door(
  { settings, door: way, port }: CheckFacts,
  grants: readonly string[],
  account: string,
): CheckItem {
  const what = 'reserved door'
  const open =
    Number(settings.get(way.port)) > 0 && (way.address === null || settings.get(way.address) !== '')
  const may = way.right === null || grants.some((text) => text.includes(`${way.right}`))
  const number = cleanName(settings.get(way.port) ?? '')
  if (open && may && String(port) === number)
    return fine(what, `Open: ${way.port} ${number}, used by this URL.`)
  return {
    what,
    state: 'advice',
    message: open
      ? `${way.port} ${number} is open, but this URL does not lead there: cut off from a full server, watching could not come back.`
      : 'Closed: cut off from a full server, watching could not come back.',
    fix: [
      ...(open ? [] : way.fix),
      ...(may ? [] : [`GRANT ${way.right} ON *.* TO ${account};`]),
      ...(open ? [`Name port ${number} in the URL.`] : []),
    ],
  }
}

async function mayRead(session: MysqlSession, sql: string): Promise<boolean> {
  try {
    await session.query(sql)
    return true
  } catch (error) {
    if (isDenied(error)) return false
    throw error
  }
}
