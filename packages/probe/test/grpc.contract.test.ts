import type { Client } from '@grpc/grpc-js'
import { flush, unwatch, watch } from '@poolscope/probe/grpc'
import { clientOf, HeldCalls, hold } from './grpc.fixture.ts'
import { type ProbeDriver, probeContract } from './probe-contract.ts'

let server: HeldCalls | undefined
let keys = 0

const driver: ProbeDriver<Client> = {
  name: '@grpc/grpc-js 1.14',
  system: 'grpc',
  folder: 'grpc',
  facts: {
    max: 4,
    // One connection is idle once all of its streams have ended.
    keepsIdle: false,
    queues: false,
    timeouts: false,
    connecting: true,
    creates: true,
    refused: 'errors',
    ends: true,
    stacks: true,
    adopts: false,
  },
  async startServer() {
    server = await HeldCalls.start()
    return server
  },
  createPool({ at }) {
    return clientOf(`${at?.host ?? '127.0.0.1'}:${at?.port ?? server?.port}`)
  },
  async checkOut(client) {
    const key = `key-${++keys}`
    const reply = hold(client, key)
    reply.catch(() => {})
    await Promise.race([server?.arrived(key), reply])
    return {
      sessionPid: null,
      async release() {
        server?.answer(key)
        await reply
      },
    }
  },
  endPool: (client) => client.close(),
  watch,
  unwatch,
  flush,
  script: () => `
    const { Client, credentials } = require('@grpc/grpc-js')
    const client = watch(new Client('127.0.0.1:${server?.port}', credentials.createInsecure()), { name: 'p' })
    const same = (buffer) => buffer
    await new Promise((resolve) => client.makeUnaryRequest('/test/hold', same, same, Buffer.from('now'), resolve))
    client.close()
  `,
}

probeContract(driver)
