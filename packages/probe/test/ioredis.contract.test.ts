import { flush, unwatch, watch } from '@poolscope/probe/ioredis'
import { Command, Redis } from 'ioredis'
import { Redis as Redis5 } from 'ioredis-5'
import { until } from './agent.ts'
import { type OwnRedis, startRedis } from './ioredis.fixture.ts'
import { type ProbeDriver, probeContract } from './probe-contract.ts'

function driver(name: string, module: string, Class: typeof Redis): ProbeDriver<Redis> {
  let server: OwnRedis | undefined
  let keys = 0
  const port = () => server?.port ?? 0
  return {
    name,
    system: 'redis',
    folder: 'ioredis',
    facts: {
      max: 1,
      keepsIdle: true,
      queues: true,
      timeouts: false,
      connecting: true,
      creates: true,
      refused: 'errors',
      ends: true,
      stacks: true,
      adopts: false,
    },
    async startServer() {
      server = await startRedis()
      return server
    },
    createPool({ at }) {
      const pool = new Class({
        host: at?.host ?? '127.0.0.1',
        port: at?.port ?? port(),
        retryStrategy: () => null,
      })
      pool.on('error', () => {})
      return pool
    },
    // A command that blocks has the connection to itself until somebody pushes what it waits for.
    async checkOut(pool) {
      const key = `key-${++keys}`
      const command = new Command('blpop', [key, '0'], { replyEncoding: 'utf8' })
      const reply = pool.sendCommand(command) as Promise<unknown>
      let failure: unknown
      reply.catch((error: unknown) => {
        failure = error
      })
      const queue = () => (pool as unknown as { commandQueue: { peekFront(): unknown } }).commandQueue
      const isFirst = () => (queue().peekFront() as { command?: unknown } | undefined)?.command === command
      await until(() => failure !== undefined || isFirst())
      if (failure !== undefined) throw failure
      return {
        sessionPid: null,
        async release() {
          await server?.control.rpush(key, 'done')
          await reply
        },
      }
    },
    endPool: (pool) => pool.quit(),
    watch,
    unwatch,
    flush,
    script: () => `
      const { Redis } = require('${module}')
      const redis = watch(new Redis({ port: ${port()} }), { name: 'p' })
      await redis.set('a', 1)
      await redis.quit()
    `,
  }
}

probeContract(driver('ioredis 6', 'ioredis', Redis))
probeContract(driver('ioredis 5', 'ioredis-5', Redis5 as unknown as typeof Redis))
