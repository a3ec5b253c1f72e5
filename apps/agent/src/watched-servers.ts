import type { ServerState } from '@poolscope/protocol'
import type { ServerTarget } from './config/config.ts'
import type { Fleet } from './fleet/fleet.ts'
import type { Source, SourceUpdate } from './sources/source.ts'

/** Most nodes of clusters that are watched without being named in the configuration. */
export const MOST_PEERS = 200

/** What watching needs from outside. */
export type WatchOptions = {
  fleet: Pick<Fleet, 'addServer' | 'takeServer' | 'removeServer' | 'longHeld'>
  createSource: (target: ServerTarget) => Source
  /** Another node of the same cluster; null where nodes of this kind are not followed. */
  peerOf: (target: ServerTarget, address: string) => ServerTarget | null
  /** Says once that a cluster has more nodes than are watched. */
  warn: (message: string) => void
}

type Watched = {
  target: ServerTarget
  source: Source
  /** The configured server whose cluster it was found in; null where it is configured itself. */
  root: Watched | null
  state: ServerState
  /** What the last sample said. */
  peers: readonly string[]
  knownAs: string | null
}

/**
 * The sources of an agent: those of the configuration, and one for each further node that a member of their cluster
 * names. A node that left is let go when it is unreachable and none of its cluster that answers names it.
 */
export class WatchedServers {
  readonly #options: WatchOptions
  #watched = new Set<Watched>()
  #stopping = new Set<Promise<void>>()
  #warned = false
  #ended = false

  constructor(options: WatchOptions) {
    this.#options = options
  }

  /** Begins to watch what is configured. */
  start(targets: readonly ServerTarget[]): void {
    for (const target of targets) this.#add(target, null)
  }

  /** Ends all sampling; resolves when every connection is closed. */
  async stop(): Promise<void> {
    this.#ended = true
    await Promise.all([...[...this.#watched].map(({ source }) => source.stop()), ...this.#stopping])
  }

  #add(target: ServerTarget, root: Watched | null): void {
    const source = this.#options.createSource(target)
    const watched: Watched = { target, source, root, state: 'connecting', peers: [], knownAs: null }
    this.#watched.add(watched)
    this.#options.fleet.addServer(source)
    source.start((update) => this.#take(watched, update))
  }

  #take(watched: Watched, update: SourceUpdate): void {
    if (this.#ended || !this.#watched.has(watched)) return
    const { fleet } = this.#options
    fleet.takeServer(watched.source.id, update)
    watched.source.inspect(fleet.longHeld(watched.source.id))
    watched.state = update.state
    if (update.sample !== null) {
      watched.peers = update.sample.peers
      watched.knownAs = update.sample.knownAs ?? null
      this.#dropTwin(watched)
      this.#addPeers(watched)
    } else if (this.#hasLeft(watched)) this.#drop(watched)
  }

  #addPeers(watched: Watched): void {
    const { target, peers, root } = watched
    for (const address of peers) {
      if (this.#find(target, address) !== undefined) continue
      const peer = this.#options.peerOf(target, address)
      if (peer === null) return
      const found = [...this.#watched].filter((other) => other.root !== null).length
      if (found >= MOST_PEERS) {
        if (!this.#warned) this.#options.warn(`Only ${MOST_PEERS} nodes of clusters are watched.`)
        this.#warned = true
        return
      }
      this.#add(peer, root ?? watched)
    }
  }

  /** A server that is known under two addresses is watched once, and by the configured one where there is one. */
  #dropTwin(watched: Watched): void {
    const { target, knownAs } = watched
    if (knownAs === null || knownAs === target.address) return
    for (const other of this.#watched) {
      const twin = other.target.system === target.system && other.target.address === knownAs
      if (twin && other.root !== null) this.#drop(other)
    }
  }

  #find({ system }: ServerTarget, address: string): Watched | undefined {
    for (const watched of this.#watched) {
      const same = watched.target.address === address || watched.knownAs === address
      if (same && watched.target.system === system) return watched
    }
    return undefined
  }

  /** Without a member of its cluster that answers, nobody knows whether it left. */
  #hasLeft({ target, root, state }: Watched): boolean {
    if (root === null || state !== 'unreachable') return false
    const others = [...this.#watched].filter(
      (other) => other.state === 'up' && (other === root || other.root === root),
    )
    return others.length > 0 && !others.some(({ peers }) => peers.includes(target.address))
  }

  #drop(watched: Watched): void {
    this.#watched.delete(watched)
    this.#options.fleet.removeServer(watched.source.id)
    const stopped = watched.source.stop().finally(() => this.#stopping.delete(stopped))
    this.#stopping.add(stopped)
  }
}
