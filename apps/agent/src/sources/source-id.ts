import type { System } from '@poolscope/protocol'

/**
 * The id of a watched server: the same after a restart of the agent, safe in a URL, free of credentials.
 * @example sourceIdOf('postgresql', '127.0.0.1:5432') // 'postgresql-127.0.0.1-5432'
 */
export function sourceIdOf(system: System, address: string): string {
  // The colons of an IPv6 address stay apart from the one before the port.
  const host = address.replace(/\[([^\]]*)\]/, (_, inner: string) => inner.replaceAll(':', '_'))
  const slug = host.replace(/[^A-Za-z0-9._]+/g, '-').replace(/^-+/, '')
  return `${system}-${slug}`
}
