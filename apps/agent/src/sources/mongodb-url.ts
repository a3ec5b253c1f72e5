const PORT = 27_017

/** Where a MongoDB is and who asks it. */
export type MongodbTarget = {
  /** The host of `mongodb+srv:`, whose members DNS names; else the first server of the URL. */
  address: string
  srv: boolean
  /** What the driver gets: one server, and of the options only those about logging in and TLS. */
  url: string
  /** Null where nobody logs in by name. */
  user: string | null
}

/** Options of a URL that matter here. The others are about pools, reads and writes that nobody makes. */
const KEPT =
  /^(authSource|authMechanism|authMechanismProperties|tls|ssl|tls[A-Z]\w*|proxy\w+|srvServiceName|serverMonitoringMode)$/i
const FORM = /^mongodb(\+srv)?:\/\/(?:([^@/?]*)@)?([^/?]+)(?:\/([^?]*))?(?:\?(.*))?$/is
const HOST = /^(?:\[[0-9a-f:.%]+\]|[^\s:@[\]]+)(?::\d{1,5})?$/i

type Parts = { srv: boolean; login: string; hosts: string[]; database: string; options: URLSearchParams }

/**
 * Reads `mongodb://user:password@host:27017/?authSource=admin` and `mongodb+srv:`. Of several hosts the first is asked: one
 * connection sees one server, and a member of a replica set names the others.
 * @throws TypeError when it is no such URL; it quotes nothing of it
 */
export function parseMongodbUrl(given: string): MongodbTarget {
  const { srv, login, hosts, database, options } = partsOf(given)
  const [host = ''] = hosts
  const query = options.size === 0 ? '' : `?${options}`
  const [user = ''] = login.split(':')
  return {
    address: srv ? host.toLowerCase() : addressOfHost(host),
    srv,
    url: `mongodb${srv ? '+srv' : ''}://${login === '' ? '' : `${login}@`}${host}/${database}${query}`,
    user:
      user === '' ? (options.get('authMechanism') === null ? null : '$external') : decodeURIComponent(user),
  }
}

/** Where a URL leads, without credentials. @throws TypeError as {@link parseMongodbUrl} */
export function mongodbAddress(url: string): string {
  return parseMongodbUrl(url).address
}

/** The URL of another member of the same replica set: same user, password and TLS. @param address host:port */
export function mongodbPeerUrl(url: string, address: string): string {
  const { srv, login, database, options } = partsOf(url)
  // What DNS names is spoken to with TLS unless the URL says otherwise.
  if (srv && !options.has('tls') && !options.has('ssl')) options.set('tls', 'true')
  options.delete('srvServiceName')
  const query = options.size === 0 ? '' : `?${options}`
  return `mongodb://${login === '' ? '' : `${login}@`}${address}/${database}${query}`
}

function partsOf(given: string): Parts {
  const [, srv, login = '', list = '', database = '', query = ''] = FORM.exec(given) ?? []
  const hosts = list.split(',').filter((host) => host !== '')
  const first = hosts[0] ?? ''
  if (!HOST.test(first) || (srv !== undefined && /:\d+$/.test(first)))
    throw new TypeError('no URL of a MongoDB')
  const all = new URLSearchParams(query)
  const options = new URLSearchParams([...all].filter(([name]) => KEPT.test(name)))
  const password = all.get('password')
  const [user = '', own] = login.split(':')
  const secret = own ?? (password === null ? undefined : encodeURIComponent(password))
  const whole = secret === undefined || user === '' ? user : `${user}:${secret}`
  decodeURIComponent(whole)
  return { srv: srv !== undefined, login: whole, hosts, database, options }
}

function addressOfHost(host: string): string {
  const decoded = decodeURIComponent(host)
  if (decoded.startsWith('/')) return decoded
  return /:\d+$/.test(host) ? host.toLowerCase() : `${host.toLowerCase()}:${PORT}`
}
