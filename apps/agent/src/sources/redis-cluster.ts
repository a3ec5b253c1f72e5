import { cleanName } from './clean-name.ts'
import { hostPort } from './redis-url.ts'

/** What a node knows of its cluster. */
export type ClusterView = {
  /** The address under which the others know this node; null before any of them told it. */
  knownAs: string | null
  /** Addresses of the other nodes. */
  peers: string[]
}

/**
 * Reads CLUSTER NODES: a line each of id, `ip:port@busPort,hostname`, flags and more.
 * @param byName takes names instead of addresses where nodes announce them, which certificates may be bound to
 */
export function readClusterNodes(text: string, byName: boolean): ClusterView {
  const view: ClusterView = { knownAs: null, peers: [] }
  for (const line of text.split('\n')) {
    const [, place = '', flags = ''] = line.split(' ')
    const address = addressOf(place, byName)
    const kinds = flags.split(',')
    if (address === null || kinds.includes('noaddr') || kinds.includes('handshake')) continue
    if (kinds.includes('myself')) view.knownAs = address
    else view.peers.push(address)
  }
  return view
}

function addressOf(place: string, byName: boolean): string | null {
  const [node = '', name = ''] = place.split(',')
  const plain = node.replace(/@\d*$/, '')
  const at = plain.lastIndexOf(':')
  const host = byName && name !== '' ? name : plain.slice(0, at)
  const port = Number(plain.slice(at + 1))
  if (at === -1 || host === '' || !Number.isInteger(port) || port < 1 || port > 65_535) return null
  return hostPort(cleanName(host.replace(/^\[(.*)\]$/, '$1').toLowerCase()), port)
}
