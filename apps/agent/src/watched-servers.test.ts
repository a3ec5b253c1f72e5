import { describe, expect, it } from 'vitest'
import type { ServerTarget } from './config/config.ts'
import { peerOf } from './sources/create-source.ts'
import type { ServerSample, Source, SourceUpdate } from './sources/source.ts'
import { MOST_PEERS, WatchedServers } from './watched-servers.ts'

/** A source that says what a test lets it say. */
type Puppet = { target: ServerTarget; say: (update: SourceUpdate) => void; stopped: boolean }

function watch(...addresses: string[]) {
  const puppets = new Map<string, Puppet>()
  const listed = new Set<string>()
  const warnings: string[] = []
  const servers = new WatchedServers({
    fleet: {
      addServer: ({ id }) => void listed.add(id),
      removeServer: (id) => void listed.delete(id),
      takeServer: () => {},
      longHeld: () => [],
    },
    peerOf,
    warn: (message) => void warnings.push(message),
    createSource: (target): Source => {
      const puppet: Puppet = { target, say: () => {}, stopped: false }
      puppets.set(target.address, puppet)
      return {
        id: target.address,
        name: target.name,
        system: target.system,
        address: target.address,
        start: (onUpdate) => {
          puppet.say = onUpdate
        },
        inspect: () => {},
        stop: async () => {
          puppet.stopped = true
        },
      }
    },
  })
  servers.start(
    addresses.map((address) => ({
      system: 'redis',
      name: address,
      address,
      url: `redis://watcher:p%40ss@${address}/3`,
    })),
  )
  const puppet = (address: string) => puppets.get(address) as Puppet
  return {
    servers,
    warnings,
    puppet,
    watched: () => [...listed].sort(),
    up: (address: string, peers: string[], knownAs: string | null = address) =>
      puppet(address).say({
        state: 'up',
        error: null,
        sample: { peers, knownAs } as unknown as ServerSample,
      }),
    gone: (address: string) =>
      puppet(address).say({ state: 'unreachable', error: { code: 'timeout', message: '' }, sample: null }),
  }
}

describe(WatchedServers, () => {
  it('watches the nodes that a cluster names, with the same user and password', () => {
    const { up, watched, puppet } = watch('a:1')
    up('a:1', ['b:1', 'c:1'])
    expect(watched()).toEqual(['a:1', 'b:1', 'c:1'])
    expect(puppet('b:1').target.url).toBe('redis://watcher:p%40ss@b:1')
    up('b:1', ['a:1', 'c:1', 'd:1'])
    expect(watched()).toEqual(['a:1', 'b:1', 'c:1', 'd:1'])
  })

  it('watches a node once that the cluster knows under another address', () => {
    const { up, watched, puppet } = watch('localhost:1', 'localhost:2')
    up('localhost:1', ['127.0.0.1:2', '127.0.0.1:3'], '127.0.0.1:1')
    expect(watched()).toEqual(['127.0.0.1:2', '127.0.0.1:3', 'localhost:1', 'localhost:2'])
    up('localhost:2', ['127.0.0.1:1', '127.0.0.1:3'], '127.0.0.1:2')
    expect(watched()).toEqual(['127.0.0.1:3', 'localhost:1', 'localhost:2'])
    expect(puppet('127.0.0.1:2').stopped).toBe(true)
    up('127.0.0.1:3', ['127.0.0.1:1', '127.0.0.1:2'])
    expect(watched()).toEqual(['127.0.0.1:3', 'localhost:1', 'localhost:2'])
  })

  it('lets a node go that is unreachable and that nobody names any more', () => {
    const { up, gone, watched, puppet } = watch('a:1')
    up('a:1', ['b:1', 'c:1'])
    up('b:1', ['a:1', 'c:1'])
    gone('c:1')
    expect(watched()).toContain('c:1')
    up('a:1', ['b:1'])
    gone('c:1')
    expect(watched()).toContain('c:1')
    up('b:1', ['a:1'])
    gone('c:1')
    expect(watched()).toEqual(['a:1', 'b:1'])
    expect(puppet('c:1').stopped).toBe(true)
  })

  it('keeps a node that answers, and every node while none of its cluster answers', () => {
    const { up, gone, watched } = watch('a:1', 'x:1')
    up('a:1', ['b:1', 'c:1'])
    up('x:1', [])
    up('b:1', ['a:1', 'c:1'])
    up('c:1', ['a:1', 'b:1'])
    up('a:1', ['b:1'])
    up('b:1', ['a:1'])
    expect(watched()).toContain('c:1')
    for (const address of ['a:1', 'b:1', 'c:1']) gone(address)
    expect(watched()).toEqual(['a:1', 'b:1', 'c:1', 'x:1'])
  })

  it('never lets go of what is configured', () => {
    const { up, gone, watched } = watch('a:1', 'b:1')
    up('a:1', ['b:1'])
    up('a:1', [])
    gone('b:1')
    expect(watched()).toEqual(['a:1', 'b:1'])
  })

  it(`adds at most ${MOST_PEERS} nodes, and says so once`, () => {
    const { up, watched, warnings } = watch('a:1')
    const nodes = Array.from({ length: 300 }, (_, index) => `n${index}:1`)
    up('a:1', nodes)
    up('a:1', nodes)
    expect(watched()).toHaveLength(MOST_PEERS + 1)
    expect(warnings).toEqual(['Only 200 nodes of clusters are watched.'])
  })

  it('adds nothing after it was stopped, and stops all', async () => {
    const { up, watched, puppet, servers } = watch('a:1')
    up('a:1', ['b:1'])
    await servers.stop()
    up('a:1', ['c:1'])
    expect(watched()).toEqual(['a:1', 'b:1'])
    expect([puppet('a:1').stopped, puppet('b:1').stopped]).toEqual([true, true])
  })
})
