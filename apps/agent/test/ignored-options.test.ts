import type { Advice, PoolReport } from '@poolscope/protocol'
import { afterEach, describe, expect, it } from 'vitest'
import { aPool, aReport, aSample, SERVER, testAgent } from './support.ts'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

async function agent() {
  const made = await testAgent()
  closers.push(async () => {
    await made.alerts.close()
    await made.app.close()
  })
  const send = async (over: Partial<PoolReport>) => {
    const payload = aReport([aPool({ sessionPids: [100], ...over })])
    const { statusCode } = await made.app.inject({ method: 'POST', url: '/api/v1/reports', payload })
    made.tick()
    return statusCode
  }
  /** What a rule says of the service that reports. */
  const verdict = async (rule: string) => {
    const { subjects }: Advice = (await made.app.inject({ url: '/api/v1/advice' })).json()
    const service = subjects.find(({ id }) => id === 'checkout')
    return service?.verdicts.find((candidate) => candidate.rule === rule)
  }
  return { ...made, send, verdict }
}

describe('options of a reported pool', () => {
  it('are advised on where they have no effect, by the name that works', async () => {
    const { send, verdict } = await agent()
    expect(await send({ ignoredOptions: [{ name: 'connectionLimit', instead: 'max' }] })).toBe(200)
    expect(await verdict('ignored-option')).toMatchObject({
      level: 'warn',
      evidence: { facts: [{ name: 'connectionLimit', value: 'max' }] },
      remedy: expect.stringContaining('Set max instead of connectionLimit'),
    })
    expect(await send({ ignoredOptions: [] })).toBe(200)
    expect((await verdict('ignored-option'))?.level).toBe('ok')
    expect(await send({})).toBe(200)
    expect((await verdict('ignored-option'))?.level).toBe('unknown')
  })

  it('are refused where they are too many, too long, or bring a value along', async () => {
    const { send } = await agent()
    const option = { name: 'connectionLimit', instead: null }
    expect(await send({ ignoredOptions: Array(11).fill(option) })).toBe(400)
    expect(await send({ ignoredOptions: [{ ...option, name: 'x'.repeat(61) }] })).toBe(400)
    expect(await send({ ignoredOptions: [{ ...option, value: 50 } as typeof option] })).toBe(400)
    expect(await send({ ignoredOptions: Array(10).fill(option) })).toBe(200)
  })

  it('hold a greatest age against what the server allows', async () => {
    const { fleet, clock, send, verdict } = await agent()
    const limit = { name: 'idle_session_timeout', value: 60_000, unit: 'ms' as const, note: null }
    fleet.addServer(SERVER)
    const sample = { ...aSample(clock.atMs, []), details: [{ title: 'Settings', details: [limit] }] }
    fleet.takeServer(SERVER.id, { state: 'up', error: null, sample })
    await send({ idleTimeoutMs: null })
    expect((await verdict('timeout-ladder'))?.level).toBe('warn')
    await send({ idleTimeoutMs: null, maxLifetimeMs: 30_000 })
    expect((await verdict('timeout-ladder'))?.level).toBe('ok')
  })
})
