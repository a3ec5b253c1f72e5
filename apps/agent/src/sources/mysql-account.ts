import { cleanName } from './clean-name.ts'

/**
 * An account as it can be pasted into a statement.
 * @param account as CURRENT_USER() tells it, `user@host`
 * @example quotedAccount('app@10.0.0.%') // '`app`@`10.0.0.%`'
 */
export function quotedAccount(account: string): string {
  const at = account.lastIndexOf('@')
  const [user, host] = at === -1 ? [account, '%'] : [account.slice(0, at), account.slice(at + 1)]
  return `${quoted(user)}@${quoted(host)}`
}

/** In backticks nothing but a backtick means anything, whatever the mode of the session. */
function quoted(name: string): string {
  return `\`${cleanName(name).replaceAll('`', '``')}\``
}
