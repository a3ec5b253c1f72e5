import { flush, watch } from '@poolscope/probe/pg'
import { Client, Pool } from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FakeAgent } from './agent.ts'

/** Opens and closes at once, in this process. The pool above it is the real one. */
class InstantClient extends Client {}
Object.assign(InstantClient.prototype, {
  connect: (callback: (error: null) => void) => callback(null),
  end: (callback: () => void) => callback(),
})

let agent: FakeAgent
beforeEach(async () => {
  agent = await FakeAgent.start()
})
afterEach(() => agent.stop())

const instant = () => watch(new Pool({ Client: InstantClient, max: 2 }), { url: agent.url, name: 'p' })

describe('a host that misbehaves', () => {
  it('gets the error back that its own callback throws, and the counts stay right', async () => {
    const pool = instant()
    let give: (() => void) | undefined
    expect(() =>
      pool.connect((_error, _client, release) => {
        give = release
        throw new Error('of the host')
      }),
    ).toThrow('of the host')
    await flush()
    expect(agent.pool('p')).toMatchObject({ inUse: 1, waiting: 0, window: { checkouts: 1, errors: 0 } })
    give?.()
    await flush()
    expect(agent.pool('p')).toMatchObject({ inUse: 0, idle: 1 })
    await pool.end()
  })

  it('gets the error back that its client class throws', async () => {
    class Broken extends InstantClient {
      constructor() {
        super()
        throw new Error('wrong settings')
      }
    }
    const pool = watch(new Pool({ Client: Broken }), { url: agent.url, name: 'p' })
    expect(() => pool.connect()).toThrow('wrong settings')
    await flush()
    expect(agent.pool('p')).toMatchObject({ waiting: 0, connecting: 0, window: { errors: 1 } })
    await pool.end()
  })

  it('keeps its pool’s own promise class', async () => {
    class Own<T> extends Promise<T> {}
    const pool = watch(new Pool({ Client: InstantClient, Promise: Own }), { url: agent.url })
    const asked = pool.connect()
    expect(asked).toBeInstanceOf(Own)
    ;(await asked).release()
    expect(pool.end()).toBeInstanceOf(Own)
  })

  it('sees a patch of the class that comes later', async () => {
    class Patched extends Pool {}
    const pool = watch(new Patched({ Client: InstantClient }), { url: agent.url })
    let seen = 0
    Object.defineProperty(Patched.prototype, 'connect', {
      value(this: Pool, callback: never) {
        seen++
        return Pool.prototype.connect.call(this, callback)
      },
    })
    ;(await pool.connect()).release()
    expect(seen).toBe(1)
    await pool.end()
  })

  it('keeps what was patched on top when the pool is watched no more', async () => {
    const { unwatch } = await import('@poolscope/probe/pg')
    const pool = instant()
    const { connect } = pool
    const onTop = (...args: never[]) => (connect as (...all: never[]) => unknown).apply(pool, args)
    Object.assign(pool, { connect: onTop })
    unwatch(pool)
    expect(pool.connect).toBe(onTop)
    ;(await pool.connect()).release()
    await pool.end()
  })
})

describe('what is no pool', () => {
  const methods = { connect() {}, end() {}, removeListener() {}, Client: class {}, Promise, options: {} }
  const counts = { idleCount: 0, waitingCount: 0, totalCount: 0 }
  const hostile: [string, object][] = [
    ['an empty object', {}],
    ['a pool without events', { ...methods, ...counts }],
    ['a pool without counts', { ...methods, on() {} }],
    ['a frozen pool', Object.freeze(new Pool())],
    ['a sealed pool', Object.seal(new Pool())],
    [
      'a pool whose connect is fixed',
      Object.defineProperty(new Pool(), 'connect', { value() {}, configurable: false, writable: false }),
    ],
    [
      'a pool that throws when listened to',
      {
        ...methods,
        ...counts,
        on() {
          throw new Error('no')
        },
      },
    ],
    [
      'a proxy that throws at every touch',
      new Proxy(
        {},
        {
          get() {
            throw new Error('no')
          },
        },
      ),
    ],
    ['a function', () => {}],
  ]

  it.each(hostile)('is answered unmeasured: %s', async (_what, pool) => {
    const keys = _what.includes('proxy') ? [] : Reflect.ownKeys(pool)
    expect(watch(pool, { url: agent.url, name: 'hostile' })).toBe(pool)
    if (!_what.includes('proxy')) expect(Reflect.ownKeys(pool)).toEqual(keys)
    await flush()
    expect(agent.all('hostile')).toEqual([])
  })

  it.each([undefined, null, 7, 'pool'])('is answered as it is: %s', (nothing) => {
    expect(watch(nothing as unknown as object)).toBe(nothing)
  })

  it.each(['off', 'not an address', 'ftp://127.0.0.1'])(
    'leaves the pool alone with the address %s',
    async (url) => {
      const pool = new Pool()
      expect(Object.hasOwn(watch(pool, { url }), 'connect')).toBe(false)
      await pool.end()
    },
  )
})
