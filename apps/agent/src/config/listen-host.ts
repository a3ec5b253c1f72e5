import { isIP } from 'node:net'

/** A host to listen on without the brackets that URLs put around IPv6. */
export function plainHost(host: string): string {
  return host
    .trim()
    .replace(/^\[(.*)\]$/, '$1')
    .toLowerCase()
}

/** True when it could be a host: an IP address or a name, with neither scheme nor port. */
export function isHost(host: string): boolean {
  return isIP(host) !== 0 || /^[a-z0-9_]([a-z0-9_.-]{0,252})$/.test(host)
}

/** True when only this machine can reach it. */
export function isLoopback(host: string): boolean {
  if (host === 'localhost' || host === '::1') return true
  return isIP(host.replace(/^::ffff:/, '')) === 4 && /^(::ffff:)?127\./.test(host)
}
