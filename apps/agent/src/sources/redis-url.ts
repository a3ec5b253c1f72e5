import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import type { ConnectionOptions } from 'node:tls'

const PORT = 6379

/** Where a Redis is and who asks it. */
export type RedisTarget = {
  /** Host and port, or the path of a Unix socket. */
  to: { host: string; port: number } | { path: string }
  /** Null without TLS. */
  tls: ConnectionOptions | null
  /** Null for the default user. */
  user: string | null
  password: string | null
}

/** Settings of TLS by the names that URLs of Redis carry them under. */
const FILES = { ssl_ca_certs: 'ca', ssl_certfile: 'cert', ssl_keyfile: 'key' } as const

/**
 * Reads `redis://user:password@host:6379`, `rediss:` with TLS, and Unix sockets as `redis+unix:///run/redis.sock`,
 * `unix:///run/redis.sock` or `redis:///?path=/run/redis.sock`. A database in the URL means nothing here: one connection
 * sees the clients of all of them.
 * @throws Error when it is no such URL, or names a certificate that cannot be read
 */
export function parseRedisUrl(given: string): RedisTarget {
  // Node's parser keeps credentials and the case of hosts apart only for schemes that it knows.
  const [, scheme = '', rest = ''] = /^([a-z]+):(?:\/\/)?(.*)$/is.exec(given) ?? []
  if (rest === '') throw new TypeError('no URL of a Redis')
  const hostless = /^(?:[^@/?]*@)?(?=[/?]|$)/.exec(rest)
  const url = new URL(
    hostless === null ? `http://${rest}` : `http://${hostless[0]}localhost${rest.slice(hostless[0].length)}`,
  )
  const query = url.searchParams
  const path =
    query.get('path') ?? (hostless !== null && !/^\/?\d*$/.test(url.pathname) ? url.pathname : null)
  const secure = /^(rediss|valkeys)$/i.test(scheme)
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1').toLowerCase()
  return {
    to: path === null ? { host, port: portOf(url, rest) } : { path: decodeURIComponent(path) },
    tls: secure && path === null ? tlsOf(query, host) : null,
    user: nonEmpty(query.get('username') ?? query.get('user') ?? decodeURIComponent(url.username)),
    password: nonEmpty(query.get('password') ?? decodeURIComponent(url.password)),
  }
}

/**
 * Where a URL leads, without credentials.
 * @throws Error as {@link parseRedisUrl}
 */
export function redisAddress(url: string): string {
  const { to } = parseRedisUrl(url)
  return 'path' in to ? to.path : hostPort(to.host, to.port)
}

/** The URL of another node of the same cluster: same user, password and TLS. @param address host:port */
export function redisPeerUrl(url: string, address: string): string {
  const { to, tls, user, password } = parseRedisUrl(url)
  const login = `${encodeURIComponent(user ?? '')}:${encodeURIComponent(password ?? '')}@`
  const query = /\?(.*)$/s.exec(url)?.[1] ?? ''
  const kept = [...new URLSearchParams(query)].filter(([name]) => name.startsWith('ssl_'))
  const settings = 'path' in to || kept.length === 0 ? '' : `?${new URLSearchParams(kept)}`
  return `${tls === null ? 'redis' : 'rediss'}://${login}${address}${settings}`
}

/** A host and a port as one text; IPv6 in brackets. */
export function hostPort(host: string, port: number): string {
  return `${isIP(host) === 6 ? `[${host}]` : host}:${port}`
}

/** The parser forgets a port that is the default of the scheme it was lent. */
function portOf(url: URL, rest: string): number {
  if (url.port !== '') return Number(url.port)
  return /^[^/?]*:80(?=[/?]|$)/.test(rest) ? 80 : PORT
}

function tlsOf(query: URLSearchParams, host: string): ConnectionOptions {
  const files = Object.entries(FILES).flatMap(([name, option]) => {
    const path = query.get(name)
    return path === null ? [] : [[option, readFileSync(path, 'utf8')] as const]
  })
  const unchecked = /^(none|cert_none|optional)$/i.test(query.get('ssl_cert_reqs') ?? '')
  const anyName = /^(false|no|0)$/i.test(query.get('ssl_check_hostname') ?? '')
  return {
    ...Object.fromEntries(files),
    ...(isIP(host) === 0 ? { servername: host } : {}),
    rejectUnauthorized: !unchecked,
    ...(anyName ? { checkServerIdentity: () => undefined } : {}),
  }
}

function nonEmpty(text: string): string | null {
  return text === '' ? null : text
}
