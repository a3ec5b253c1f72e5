import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { startBlackhole } from './blackhole.ts'
import { eventually } from './eventually.ts'

describe(startBlackhole, () => {
  it('accepts, never answers, and lets go when it stops', async () => {
    const blackhole = await startBlackhole()
    const socket = connect(blackhole.port, blackhole.host)
    let heard = 0
    socket.on('data', ({ length }) => {
      heard += length
    })
    socket.on('error', () => {})
    const closed = new Promise((resolve) => socket.once('close', resolve))
    socket.write('anyone?')
    await eventually(() => blackhole.connections === 1)
    await blackhole.stop()
    await closed
    expect([heard, blackhole.accepted, blackhole.connections]).toEqual([0, 1, 0])
  })
})
