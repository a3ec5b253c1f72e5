import { describe, expect, it } from 'vitest'
import { parseServerUrl } from '../config/parse-server-url.ts'
import { countsNow, listPauseMs, readClientList } from './redis-clients.ts'
import { readClusterNodes } from './redis-cluster.ts'
import { describeRedisFailure } from './redis-errors.ts'
import { RedisRates } from './redis-info.ts'
import { commandText, RedisSlowlog } from './redis-slowlog.ts'
import { parseRedisUrl, redisPeerUrl } from './redis-url.ts'

describe(parseRedisUrl, () => {
  it.each([
    ['redis://cache.internal', 'cache.internal:6379'],
    ['redis://u:p@CACHE:6380/3', 'cache:6380'],
    ['redis://:p@[::1]:6380', '[::1]:6380'],
    ['rediss://u:p@cache:443?ssl_cert_reqs=none', 'cache:443'],
    ['redis://cache:80/0', 'cache:80'],
    ['valkey://cache', 'cache:6379'],
    ['redis:///0', 'localhost:6379'],
    ['redis://u:p@/2', 'localhost:6379'],
    ['redis+unix:///run/redis.sock?db=2', '/run/redis.sock'],
    ['redis+socket://u:p@/run/redis.sock', '/run/redis.sock'],
    ['unix:///run/redis.sock', '/run/redis.sock'],
    ['redis://u:p@?path=/run/redis.sock', '/run/redis.sock'],
  ])('reads %s', (url, address) => {
    expect(parseServerUrl(url, null)).toMatchObject({ target: { system: 'redis', address } })
  })

  it('takes user and password from either place', () => {
    expect(parseRedisUrl('redis://us%40er:p%2Fw@h')).toMatchObject({ user: 'us@er', password: 'p/w' })
    expect(parseRedisUrl('redis://h?username=u&password=p%2Bw')).toMatchObject({ user: 'u', password: 'p+w' })
    expect(parseRedisUrl('redis://:p@h')).toMatchObject({ user: null, password: 'p' })
    expect(parseRedisUrl('redis://h')).toMatchObject({ user: null, password: null, tls: null })
  })

  it('names a certificate that cannot be read, and refuses what is no URL', () => {
    expect(parseServerUrl('rediss://h?ssl_ca_certs=/no/such.pem', null)).toEqual({
      problem: 'expected a certificate that can be read at /no/such.pem',
    })
    for (const url of ['redis:', 'redis://u:canary@h:99999']) {
      expect(JSON.stringify(parseServerUrl(url, null))).toMatch(/^{"problem":(?!.*canary)/)
    }
  })
})

describe(redisPeerUrl, () => {
  it.each([
    ['redis://u:p%40@a:1/3?db=2', 'b:2', 'redis://u:p%40@b:2'],
    ['redis://a:1?password=p%26w', '[::1]:2', 'redis://:p%26w@[::1]:2'],
    ['rediss://u:p@a?ssl_cert_reqs=none', 'b:2', 'rediss://u:p@b:2?ssl_cert_reqs=none'],
    ['redis:///?path=/run/redis.sock&password=p', 'b:2', 'redis://:p@b:2'],
  ])('leads from %s to %s', (url, address, peer) => {
    expect(redisPeerUrl(url, address)).toBe(peer)
    expect(parseRedisUrl(peer)).toMatchObject({
      user: parseRedisUrl(url).user,
      password: parseRedisUrl(url).password,
    })
  })
})

const line = (id: number, flags: string, idle: number, more = '') =>
  `id=${id} addr=10.0.0.1:5000 name=n${id} age=60 idle=${idle} flags=${flags} db=2 user=app ${more}\n`

describe(readClientList, () => {
  it('puts each client in its place', () => {
    const list = readClientList(
      line(1, 'N', 0) +
        line(2, 'b', 50) +
        line(3, 'x', 9) +
        line(4, 'N', 9) +
        line(5, 'S', 0) +
        line(6, 'M', 0) +
        line(7, 'O', 9),
      1,
      null,
    )
    expect(list.connections).toEqual({ active: 2, idle: 1, idleInTransaction: 1, other: 3, total: 7 })
    expect(list.sessions.map(({ pid, state }) => [pid, state])).toEqual([
      [2, 'active'],
      [3, 'idle in transaction'],
      [4, 'idle'],
      [7, 'active'],
    ])
    expect(list).toMatchObject({ monitors: 1, memoryBytes: null })
  })

  it('goes by the half second from which whole seconds are counted', () => {
    const activeAt = (microseconds: number | null) =>
      readClientList(line(2, 'N', 1) + line(3, 'N', 2), 1, microseconds).connections.active
    expect([activeAt(null), activeAt(7_400_000), activeAt(7_600_000)]).toEqual([0, 1, 0])
  })

  it('takes the library for a client without a name, and knows no port of a socket', () => {
    const text = 'id=9 addr=/run/redis.sock:0 name= lib-name=ioredis idle=5 flags=U db=0 user=default\n'
    expect(readClientList(text, 1, null).sessions).toMatchObject([
      { application: 'ioredis', clientAddress: null },
    ])
    const six = 'id=9 addr=[::1]:500 name=x idle=5 flags=N db=0\n'
    expect(readClientList(six, 1, null).sessions).toMatchObject([{ clientAddress: '::1', user: null }])
  })
})

describe(countsNow, () => {
  const list = readClientList(line(1, 'N', 0) + line(2, 'b', 1) + line(3, 'N', 9) + line(4, 'N', 9), 1, null)

  it('knows of new clients only that they are there, and takes those that went for idle ones', () => {
    expect(countsNow(list, 6)).toEqual({ active: 1, idle: 2, idleInTransaction: 0, other: 3, total: 6 })
    expect(countsNow(list, 3)).toEqual({ active: 1, idle: 1, idleInTransaction: 0, other: 1, total: 3 })
    expect(countsNow(list, 1)).toEqual({ active: 0, idle: 0, idleInTransaction: 0, other: 1, total: 1 })
    expect(countsNow(null, 9000)).toMatchObject({ active: null, idle: null, other: null, total: 9000 })
  })
})

describe(listPauseMs, () => {
  it('grows with the list, and ends it', () => {
    expect([1, 100, 500, 1000, 4999, 5000].map(listPauseMs)).toEqual([900, 900, 4900, 9900, 9900, null])
  })
})

describe(commandText, () => {
  it.each([
    ['get user:17', 'GET ?'],
    ['PING', 'PING'],
    ['config set requirepass secret', 'CONFIG SET ?'],
    ['client list', 'CLIENT LIST'],
    ['json.set doc $ 1', 'JSON.SET ?'],
    ['b840fc02d524045429941cc15f59e41cb7be6c52 x', '?'],
    ['client se7cret', 'CLIENT ?'],
  ])('makes of %s: %s', (words, text) => {
    expect(commandText(words.split(' '))).toBe(text)
  })
})

describe(RedisSlowlog, () => {
  const entry = (id: number, ms: number, words: string) => [
    id,
    0,
    ms * 1000,
    words.split(' '),
    '127.0.0.1:1',
    '',
  ]

  it('counts each entry once, also over a broken connection, and anew when the server restarted', () => {
    const slowlog = new RedisSlowlog()
    expect(slowlog.take([entry(4, 9, 'get a')], 'r1').statements).toEqual([])
    const second = slowlog.take([entry(6, 5, 'get c'), entry(5, 20, 'get b'), entry(4, 9, 'get a')], 'r1')
    expect(second.statements).toMatchObject([{ text: 'GET ?', calls: 2, totalMs: 25, maxMs: 20 }])
    expect(slowlog.take([entry(6, 5, 'get c')], 'r1')).toEqual(second)
    const anew = slowlog.take([entry(0, 3, 'del a')], 'r2')
    expect(anew).toMatchObject({ epoch: 'r2', statements: [{ text: 'DEL ?', calls: 1, totalMs: 3 }] })
    expect(slowlog.take('no list', 'r2').statements).toEqual(anew.statements)
  })
})

describe(readClusterNodes, () => {
  const text = [
    'aa 10.0.0.1:7000@17000,one.internal myself,master - 0 0 1 connected 0-5460',
    'bb 10.0.0.2:7000@17000,two.internal master - 0 1 2 connected 5461-10922',
    'cc fe80::3:7000@17000 slave,fail aa 0 1 3 disconnected',
    'dd :0@0 master,noaddr - 0 1 4 disconnected',
    'ee 10.0.0.5:7000@17000 handshake - 0 0 0 connected',
    '',
  ].join('\n')

  it('names the other nodes, and this one as they know it', () => {
    expect(readClusterNodes(text, false)).toEqual({
      knownAs: '10.0.0.1:7000',
      peers: ['10.0.0.2:7000', '[fe80::3]:7000'],
    })
    expect(readClusterNodes(text, true)).toMatchObject({
      knownAs: 'one.internal:7000',
      peers: ['two.internal:7000', '[fe80::3]:7000'],
    })
    expect(readClusterNodes('aa :7000@17000 myself,master - 0 0 0 connected', false)).toEqual({
      knownAs: null,
      peers: [],
    })
  })
})

describe(RedisRates, () => {
  it('tells events a second, and nothing where a counter was reset', () => {
    const rates = new RedisRates()
    const at = (count: string, ms: number) => {
      rates.take(new Map([['evicted_keys', count]]), ms)
      return rates.perSec('evicted_keys')
    }
    // 30 in 2 s; then a reset; then 4 in 1 s
    expect([at('10', 0), at('40', 2000), at('1', 3000), at('5', 4000)]).toEqual([null, 15, null, 4])
    expect(rates.perSec('expired_keys')).toBeNull()
  })
})

describe(describeRedisFailure, () => {
  const context = { address: 'cache:6379', user: 'poolscope', tls: false }
  it.each([
    ['ERR max number of clients reached', 'connections_exhausted', 'refused'],
    ['ERR max number of clients + cluster connections reached', 'connections_exhausted', 'refused'],
    ['NOAUTH Authentication required.', 'auth_failed', 'denied'],
    ['WRONGPASS invalid username-password pair or user is disabled.', 'auth_failed', 'denied'],
    ['NOPERM this user has no permissions to run the info command', 'permission_denied', 'denied'],
    ['-DENIED Redis is running in protected mode because', 'permission_denied', 'denied'],
    ['LOADING Redis is loading the dataset in memory', 'starting_up', 'refused'],
    ['ERR unknown command INFO', 'version_unsupported', 'denied'],
    ['Connection is closed.', 'connection_lost', 'unreachable'],
    ['ERR canary', 'unknown', 'unreachable'],
  ])('takes %s for %s', (text, code, state) => {
    const failure = describeRedisFailure(new Error(text), context)
    expect(failure).toMatchObject({ code, state })
    expect(failure.message).toContain('cache:6379')
    expect(failure.message).not.toContain('canary')
  })
})
