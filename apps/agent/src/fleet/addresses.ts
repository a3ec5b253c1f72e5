/** Where something listens, made comparable: every spelling of the own machine is one, its Unix sockets too. */
export type Place = string

const LOOPBACK = new Set(['', 'localhost', '127.0.0.1', '::1', '[::1]'])
const OWN = 'loopback'
const POSTGRES_SOCKET = /^\/.*\.s\.PGSQL\.(\d+)$/

/** The place of a host and a port; a host that is a folder is the Unix socket in it. */
export function placeOf(host: string | null, port: number | null): Place {
  const plain = (host ?? '').toLowerCase()
  // A path by itself names one socket, whatever it is of.
  if (plain.startsWith('/') && port === null) return host as string
  const own = LOOPBACK.has(plain) || plain.startsWith('/')
  return `${own ? OWN : plain.replace(/^\[(.*)\]$/, '$1')}:${port ?? ''}`
}

/** The place of a server's address: host:port, or the path of a Unix socket. */
export function placeOfAddress(address: string): Place {
  const socket = POSTGRES_SOCKET.exec(address)
  if (socket !== null) return placeOf(null, Number(socket[1]))
  const at = address.lastIndexOf(':')
  if (at === -1 || address.startsWith('/')) return address
  return placeOf(address.slice(0, at), Number(address.slice(at + 1)))
}

/**
 * The place of an address that a pooler gives, as seen from here: what is the pooler's own machine to it is the
 * machine of the pooler to others.
 * @param pooler address of the pooler
 */
export function placeBehind(address: string, pooler: string): Place {
  const place = placeOfAddress(address)
  const poolerPlace = placeOfAddress(pooler)
  if (!place.startsWith(`${OWN}:`) || poolerPlace.startsWith('/')) return place
  return poolerPlace.slice(0, poolerPlace.lastIndexOf(':')) + place.slice(OWN.length)
}
