import { describe, expect, it } from 'vitest'
import { foresee, takeForeseen } from './replay-foreseen.ts'
import type { PoolSettings, ReplayMessage } from './replay-job.ts'

const settings = (size: number): PoolSettings =>
  new Map([['p', { size, acquireTimeoutMs: null, idleTimeoutMs: null, min: 0, connectMs: 5 }]])
const progress = (ratio: number): ReplayMessage => ({ kind: 'progress', stage: 'recent', ratio })
const prediction = { kind: 'prediction' } as ReplayMessage

/** A replay that notes how far it was asked to go. */
function replaying(went: string[], fails = false) {
  async function* messages(): AsyncGenerator<ReplayMessage, void, void> {
    try {
      yield progress(0.5)
      if (fails) throw new Error('the record is cut off')
      yield prediction
      went.push('on')
      yield progress(1)
    } finally {
      went.push('end')
    }
  }
  return messages()
}

describe(foresee, () => {
  it('goes on to the first answer and no further', async () => {
    const went: string[] = []
    const { first } = foresee(settings(6), replaying(went))
    expect(await first).toEqual([progress(0.5), prediction])
    expect(went).toEqual([])
  })
})

describe(takeForeseen, () => {
  it('gives what was found, and goes on, where the same is asked for', async () => {
    const went: string[] = []
    const taken = await takeForeseen(foresee(settings(6), replaying(went)), settings(6))
    expect(taken?.first).toEqual([progress(0.5), prediction])
    expect(await taken?.rest.next()).toEqual({ done: false, value: progress(1) })
    expect(went).toEqual(['on'])
  })

  it('ends a replay of other settings', async () => {
    const went: string[] = []
    const foreseen = foresee(settings(6), replaying(went))
    await foreseen.first
    expect(await takeForeseen(foreseen, settings(7))).toBeNull()
    expect(await foreseen.rest.next()).toMatchObject({ done: true })
    expect(went).toEqual(['end'])
  })

  it('gives nothing where nothing was foreseen, or it failed', async () => {
    expect(await takeForeseen(null, settings(6))).toBeNull()
    expect(await takeForeseen(foresee(settings(6), replaying([], true)), settings(6))).toBeNull()
  })
})
