import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import type { SslOptions } from 'mysql2'

const PORT = 3306

/** Where a MySQL or MariaDB is and who asks it. */
export type MysqlTarget = {
  /** Host and port, or the path of a Unix socket. */
  to: { host: string; port: number } | { path: string }
  /** Null without TLS. */
  tls: SslOptions | null
  /** Null for the server's anonymous user. */
  user: string | null
  password: string | null
}

/** Names under which clients of several languages carry the path of a socket. */
const SOCKET_KEYS = ['socket', 'socketpath', 'unix_socket', 'unixsocket', 'localsocket']
const MODE_KEYS = ['ssl-mode', 'ssl_mode', 'sslmode']
const FILE_KEYS = {
  ca: ['ssl-ca', 'ssl_ca', 'sslca', 'sslrootcert', 'serversslcert'],
  cert: ['ssl-cert', 'ssl_cert', 'sslcert'],
  key: ['ssl-key', 'ssl_key', 'sslkey'],
} as const

/**
 * Reads `mysql://user:password@host:3306`, the same with `mariadb:` or `mysql2:`, and Unix sockets as `?socket=/path` or
 * as a host written `%2Fpath`. A database in the URL means nothing here: one connection sees the sessions of all of them, and its
 * user needs no right to any.
 * @throws Error when it is no such URL, or names a certificate that cannot be read
 */
export function parseMysqlUrl(given: string): MysqlTarget {
  // Node's parser keeps credentials and hosts apart only for schemes that it knows.
  const [, rest = ''] = /^[a-z][a-z0-9]*:\/\/(.+)$/is.exec(given) ?? []
  if (rest === '') throw new TypeError('no URL of a MySQL')
  const [, login = '', place = '', after = ''] = /^((?:[^/?#]*@)?)([^/?#]*)(.*)$/s.exec(rest) ?? []
  if (place.includes(',')) throw new TypeError('several hosts are several servers')
  const encodedPath = /^%2f/i.test(place) ? decodeURIComponent(place) : null
  const url = new URL(`http://${login}${place === '' || encodedPath !== null ? 'localhost' : place}${after}`)
  const options = new Map([...url.searchParams].map(([key, value]) => [key.toLowerCase(), value]))
  const path = encodedPath ?? first(options, SOCKET_KEYS)
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  // The parser forgets a port that is the default of the scheme it was lent.
  const port = url.port === '' ? (/:80$/.test(place) ? 80 : PORT) : Number(url.port)
  return {
    to: path === null ? { host, port } : { path },
    tls: path === null ? tlsOf(options) : null,
    user: nonEmpty(first(options, ['user', 'username']) ?? decodeURIComponent(url.username)),
    password: nonEmpty(first(options, ['password']) ?? decodeURIComponent(url.password)),
  }
}

const GO_TLS: Record<string, string> = { true: 'VERIFY_IDENTITY', 'skip-verify': 'REQUIRED' }

/**
 * The URL that means the same as a data source name of Go's driver; null for anything else.
 * @example urlOfGoDsn('app:p@ss@tcp(db:3306)/shop') // 'mysql://app:p%40ss@db:3306/shop'
 */
export function urlOfGoDsn(given: string): string | null {
  const [, user, password, net, at, database, rest] =
    /^([^:@/]*)(?::(.*))?@(tcp6?|unix)\(([^()]*)\)\/([^?/]*)(?:\?(.*))?$/.exec(given) ?? []
  if (user === undefined || at === undefined) return null
  const options = new URLSearchParams(rest ?? '')
  const mode = GO_TLS[options.get('tls') ?? '']
  if (mode !== undefined) options.set('ssl-mode', mode)
  if (net === 'unix') options.set('socket', at)
  const login = [user, password]
    .flatMap((part) => (part === undefined ? [] : encodeURIComponent(part)))
    .join(':')
  const query = options.size === 0 ? '' : `?${options}`
  return `mysql://${login}@${net === 'unix' ? '' : at}/${database}${query}`
}

/**
 * Where a URL leads, without credentials.
 * @returns `host:port`, an IPv6 host in brackets, or the path of a Unix socket
 * @throws Error as {@link parseMysqlUrl}
 */
export function mysqlAddress(url: string): string {
  const { to } = parseMysqlUrl(url)
  if ('path' in to) return to.path
  return `${isIP(to.host) === 6 ? `[${to.host}]` : to.host}:${to.port}`
}

/**
 * TLS by the words of either vendor: `REQUIRED` and `trust` encrypt, `VERIFY_CA` checks who signed, and `VERIFY_IDENTITY`
 * or `verify-full` also the name of the host. A named authority without a mode is checked, as by the vendors' clients.
 */
function tlsOf(options: ReadonlyMap<string, string>): SslOptions | null {
  const files = Object.entries(FILE_KEYS).flatMap(([name, keys]) => {
    const path = first(options, keys)
    return path === null ? [] : [[name, readFileSync(path, 'utf8')] as const]
  })
  const asked = first(options, ['usessl', 'ssl'])
  const fallback = files.some(([name]) => name === 'ca') ? 'verify-ca' : asked === 'true' ? 'required' : ''
  const mode = (first(options, MODE_KEYS) ?? fallback).toLowerCase().replaceAll('_', '-')
  if (['', 'disabled', 'disable', 'preferred', 'prefer', 'allow'].includes(mode)) return null
  return {
    ...Object.fromEntries(files),
    rejectUnauthorized: !['required', 'require', 'trust'].includes(mode),
    verifyIdentity: !['required', 'require', 'trust', 'verify-ca'].includes(mode),
  }
}

function first(options: ReadonlyMap<string, string>, keys: readonly string[]): string | null {
  const key = keys.find((name) => options.has(name))
  return key === undefined ? null : (options.get(key) as string)
}

function nonEmpty(text: string): string | null {
  return text === '' ? null : text
}
