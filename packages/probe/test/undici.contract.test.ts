import { flush, unwatch, watch } from '@poolscope/probe/undici'
import { type Dispatcher, Pool } from 'undici'
import { Pool as Pool6 } from 'undici-6'
import { HeldServer } from './http.fixture.ts'
import { type ProbeDriver, probeContract } from './probe-contract.ts'

/** What version 6 does to a pool itself with its first request: it keeps the function that its class would look up. */
function settle(pool: object): void {
  const named = (description: string) => {
    for (let it = pool; it !== null; it = Object.getPrototypeOf(it)) {
      const found = Object.getOwnPropertySymbols(it).find((symbol) => symbol.description === description)
      if (found !== undefined) return found
    }
    return null
  }
  const [kept, looked] = [named('Intercepted Dispatch'), named('dispatch')]
  if (kept !== null && looked !== null) Reflect.set(pool, kept, Reflect.get(pool, looked))
}

function driver(name: string, module: string, Class: typeof Pool): ProbeDriver<Pool> {
  let server: HeldServer | undefined
  let paths = 0
  const here = () => ({ host: '127.0.0.1', port: server?.port ?? 0 })
  return {
    name,
    system: 'http',
    folder: 'undici',
    facts: {
      max: 4,
      keepsIdle: true,
      queues: true,
      timeouts: false,
      connecting: false,
      creates: true,
      refused: 'errors',
      ends: true,
      stacks: true,
      adopts: false,
    },
    async startServer() {
      server = await HeldServer.start()
      return server
    },
    createPool({ max, at }) {
      const { host, port } = at ?? here()
      const pool = new Class(`http://${host}:${port}`, { connections: max, keepAliveTimeout: 60_000 })
      settle(pool)
      return pool
    },
    async checkOut(pool) {
      const path = `/${++paths}`
      const ended = pool
        .request({ path, method: 'GET' })
        .then((response: Dispatcher.ResponseData) => response.body.text())
      ended.catch(() => {})
      await Promise.race([server?.arrived(path), ended])
      return {
        sessionPid: null,
        async release() {
          server?.answer(path)
          await ended
        },
      }
    },
    endPool: (pool) => pool.close(),
    watch: (pool, options) => watch(pool, { ...options, name: () => options.name ?? 'p' }),
    unwatch,
    flush,
    script: () => `
      const { Pool } = require('${module}')
      const pool = watch(new Pool('http://127.0.0.1:${server?.port}'), { name: 'p' })
      const { body } = await pool.request({ path: '/now', method: 'GET' })
      await body.text()
    `,
  }
}

probeContract(driver('undici 7', 'undici', Pool))
probeContract(driver('undici 6', 'undici-6', Pool6 as unknown as typeof Pool))
