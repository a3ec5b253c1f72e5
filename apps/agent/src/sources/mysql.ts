import type { System } from '@poolscope/protocol'
import type { ServerTarget } from '../config/config.ts'
import { cleanName } from './clean-name.ts'
import type { Engine } from './engine.ts'
import { SourceFailure } from './failure.ts'
import { quotedAccount } from './mysql-account.ts'
import { describeMysqlFailure, isStatementEnded, type MysqlContext } from './mysql-errors.ts'
import { flavorOf } from './mysql-flavor.ts'
import { type MysqlPeer, MysqlReader } from './mysql-reader.ts'
import { MysqlSession } from './mysql-session.ts'
import { type MysqlTarget, parseMysqlUrl } from './mysql-url.ts'
import type { SourceEnv } from './source-env.ts'

/**
 * MySQL 8.0 or MariaDB 10.11, or later; which of the two, the server says itself.
 * @param system what the URL calls it
 */
export function mysqlEngine(
  system: System,
): (target: ServerTarget, env: SourceEnv, sessionLimit?: number) => Engine {
  return (target, env, sessionLimit) => {
    const context: MysqlContext = { address: target.address, user: '', account: '', tls: false }
    return {
      system,
      open: async (signal) => {
        const to = readUrl(target.url)
        context.user = cleanName(to.user ?? '')
        context.account = quotedAccount(`${to.user ?? ''}@%`)
        context.tls = to.tls !== null
        const session = await MysqlSession.open(to, signal)
        try {
          const { account, ...peer } = await introduce(session, to)
          context.account = quotedAccount(account)
          return new MysqlReader(session, peer, env, sessionLimit)
        } catch (error) {
          await session.close()
          throw error
        }
      },
      describe: (error) => describeMysqlFailure(error, context),
      stands: isStatementEnded,
    }
  }
}

function readUrl(url: string): MysqlTarget {
  try {
    return parseMysqlUrl(url)
  } catch (error) {
    // The form was checked with the configuration; what is left is a certificate file that went away.
    throw new SourceFailure('tls_failed', error)
  }
}

/**
 * Settles who answers and binds the session to its limits. Behind a proxy the server's session is shared, so that
 * settings would reach other clients: there only the deadlines of this side hold.
 */
async function introduce(
  session: MysqlSession,
  { to }: MysqlTarget,
): Promise<MysqlPeer & { account: string }> {
  const [hello] = await session.query<{ version: string; pid: number; account: string }>(
    'SELECT VERSION() AS version, CONNECTION_ID() AS pid, CURRENT_USER() AS account',
  )
  if (hello === undefined) throw new SourceFailure('version_unsupported')
  const flavor = flavorOf(hello.version)
  if (hello.pid === session.announcedId) await session.query(flavor.settingsSql)
  const user = hello.account.slice(0, hello.account.lastIndexOf('@'))
  return { flavor, user, account: hello.account, port: 'path' in to ? null : to.port }
}
