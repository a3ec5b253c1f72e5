import { Agent, request } from 'node:http'
import { Agent as TlsAgent, request as tlsRequest } from 'node:https'
import { flush, unwatch, watch } from '@poolscope/probe/http'
import { HeldServer } from './http.fixture.ts'
import { type ProbeDriver, probeContract } from './probe-contract.ts'

function driver(name: string, tls: boolean): ProbeDriver<Agent> {
  let server: HeldServer | undefined
  let paths = 0
  const places = new WeakMap<Agent, { host: string; port: number }>()
  const here = () => ({ host: '127.0.0.1', port: server?.port ?? 0 })
  return {
    name,
    system: 'http',
    folder: 'http',
    facts: {
      max: 4,
      keepsIdle: true,
      queues: true,
      timeouts: false,
      // Without TLS a connection is open as soon as the other side has accepted it.
      connecting: tls,
      creates: true,
      refused: 'errors',
      ends: false,
      stacks: true,
      adopts: true,
    },
    async startServer() {
      server = await HeldServer.start(tls)
      return server
    },
    createPool({ max, at }) {
      const settings = { keepAlive: true, maxSockets: max }
      const agent = tls ? new TlsAgent({ ...settings, rejectUnauthorized: false }) : new Agent(settings)
      places.set(agent, at ?? here())
      return agent
    },
    async checkOut(agent) {
      const path = `/${++paths}`
      const send = tls ? tlsRequest : request
      const sent = send({ ...(places.get(agent) ?? here()), path, agent })
      const ended = new Promise((resolve, reject) => {
        sent.on('error', reject)
        sent.on('response', (response) => response.resume().on('end', resolve))
      })
      ended.catch(() => {})
      sent.end()
      await Promise.race([server?.arrived(path), ended])
      return {
        sessionPid: null,
        async release() {
          server?.answer(path)
          await ended
          // The agent has it back in the next turn.
          await new Promise((resolve) => setImmediate(resolve))
        },
      }
    },
    endPool: (agent) => agent.destroy(),
    watch: (agent, options) => watch(agent, { ...options, name: () => options.name ?? 'p' }),
    unwatch,
    flush,
    script: () => `
      const { Agent, get } = require('node:${tls ? 'https' : 'http'}')
      const agent = watch(new Agent({ keepAlive: true, rejectUnauthorized: false }), { name: 'p' })
      await new Promise((resolve) =>
        get({ port: ${server?.port}, host: '127.0.0.1', path: '/now', agent }, (response) =>
          response.resume().on('end', resolve)))
    `,
  }
}

probeContract(driver('http.Agent', false))
probeContract(driver('https.Agent', true))
