import { describe, expect, it } from 'vitest'
import { FakeEnvironment } from './fake-environment.ts'
import { helloOf, tickOf } from './fake-messages.ts'
import { LiveConnection } from './live-connection.ts'

function connect() {
  const env = new FakeEnvironment()
  const types: string[] = []
  let refused = 0
  const connection = new LiveConnection(env, {
    onMessage: (message) => types.push(message.type),
    onChange: () => undefined,
    onRefused: () => {
      refused += 1
    },
  })
  connection.start()
  return { env, connection, types, refused: () => refused }
}

const hello = () => helloOf(1_000_000, {})

describe('LiveConnection', () => {
  it('is connecting until the hello, then live', () => {
    const { env, connection } = connect()
    expect(connection.state.phase).toBe('connecting')
    env.socket.say(hello())
    expect(connection.state).toMatchObject({ phase: 'live', attempt: 0, lastMessageAtMs: env.nowMs })
  })
  it('waits 1, 2, 4, 8, 16 and then 30 seconds between tries', () => {
    const { env, connection } = connect()
    env.socket.say(hello())
    const waits: number[] = []
    for (let i = 0; i < 7; i++) {
      env.socket.cut()
      const waitMs = (connection.state.retryAtMs as number) - env.nowMs
      waits.push(waitMs)
      expect(connection.state).toMatchObject({ phase: 'reconnecting', attempt: i + 1 })
      env.pass(waitMs)
      expect(env.sockets).toHaveLength(i + 2)
    }
    expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000])
    env.socket.say(hello())
    expect(connection.state).toMatchObject({ phase: 'live', attempt: 0, retryAtMs: null })
  })
  it('spreads tries over the second half of the wait', () => {
    const { env, connection } = connect()
    env.random = () => 0
    env.socket.cut()
    expect((connection.state.retryAtMs as number) - env.nowMs).toBe(500)
  })
  it('gives up a socket that says nothing for five ticks', () => {
    const { env, connection } = connect()
    env.socket.say(hello())
    for (let i = 0; i < 10; i++) {
      env.pass(1000)
      env.socket.say(tickOf(1, env.nowMs, []))
    }
    expect(connection.state.phase).toBe('live')
    env.pass(4999)
    expect(connection.state.phase).toBe('live')
    env.pass(1)
    expect(connection.state.phase).toBe('reconnecting')
    expect(env.sockets[0]?.closed).toBe(true)
  })
  it('hears what waited in the queue while the machine slept before it gives up', () => {
    const { env, connection } = connect()
    env.socket.say(hello())
    env.sleep(60_000)
    expect(connection.state.phase).toBe('live')
    env.socket.say(tickOf(1, env.nowMs, []))
    env.pass(1000)
    expect(connection.state.phase).toBe('live')
    env.sleep(60_000)
    env.pass(1000)
    expect(connection.state.phase).toBe('reconnecting')
  })
  it('gives up a socket that never says hello', () => {
    const { env, connection, refused } = connect()
    env.pass(10_000)
    expect(connection.state).toMatchObject({ phase: 'connecting', attempt: 1 })
    expect(refused()).toBe(1)
  })
  it('tries at once when asked, and only one socket at a time', () => {
    const { env, connection } = connect()
    env.socket.cut()
    connection.retryNow()
    connection.retryNow()
    expect(env.sockets).toHaveLength(2)
    env.pass(5000)
    expect(env.sockets).toHaveLength(2)
  })
  it('stops when it is denied, until it is asked to try again', () => {
    const { env, connection } = connect()
    connection.deny()
    expect(connection.state).toMatchObject({ phase: 'denied', retryAtMs: null })
    env.pass(120_000)
    expect(env.sockets).toHaveLength(1)
    connection.retryNow()
    env.socket.say(hello())
    expect(connection.state.phase).toBe('live')
  })
  it('does not speak with an agent of another version', () => {
    const { env, connection, types } = connect()
    env.socket.say({ ...hello(), protocol: 2 })
    expect(connection.state).toMatchObject({ phase: 'reconnecting', outdated: true })
    env.pass(120_000)
    expect(env.sockets).toHaveLength(1)
    expect(types).toEqual([])
  })
  it('passes over what is not JSON and what comes before the hello', () => {
    const { env, types } = connect()
    env.socket.say(tickOf(1, env.nowMs, []))
    env.socket.say(hello())
    expect(types).toEqual(['hello'])
  })
  it('leaves no timer and no socket behind', () => {
    const { env, connection } = connect()
    env.socket.say(hello())
    connection.stop()
    env.pass(120_000)
    expect(env.sockets.map((socket) => socket.closed)).toEqual([true])
  })
})
