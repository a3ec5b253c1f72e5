import { encodeTrace, readTraceRecord } from '@poolscope/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCommand } from './run-command.ts'
import { aPool, aReport, aSample, aSession, SERVER, testAgent } from './support.ts'

const SECONDS = 60

let made: Awaited<ReturnType<typeof testAgent>>
let url = ''

/** A second in which four callers ask at once every tenth of it, and hold for 20 ms. */
function second(fromMs: number) {
  const arrivalMs = Float64Array.from({ length: 40 }, (_, i) => Math.floor(i / 4) * 100)
  const columns = { arrivalMs, waitMs: new Float64Array(40), holdMs: new Float64Array(40).fill(20) }
  const bytes = encodeTrace({ windowMs: 1000, ...columns, caller: new Uint32Array(40), inFlight: [] })
  return { fromMs, data: Buffer.from(bytes).toString('base64') }
}

beforeAll(async () => {
  made = await testAgent({ token: 'canary-of-a-token' })
  made.fleet.addServer(SERVER)
  for (let i = 0; i < SECONDS; i++) {
    const recorded = { ...aPool({ max: 6, min: 6 }), trace: second(i * 1000) }
    made.fleet.takeReport(aReport([recorded, aPool({ name: 'reports' })], { sequence: i + 1 }))
    const sample = aSample(made.clock.atMs, [aSession({ application: 'billing', user: 'billing', pid: 7 })])
    made.fleet.takeServer(SERVER.id, { state: 'up', error: null, sample })
    made.tick()
  }
  url = await made.app.listen({ host: '127.0.0.1', port: 0 })
})
afterAll(() => made.app.close())

const size = (...args: string[]) =>
  runCommand(['size', ...args, '--url', url], { POOLSCOPE_TOKEN: 'canary-of-a-token' })

describe('poolscope size --pool', () => {
  it('replays what a pool lived through and says what to set', async () => {
    const { code, stdout, stderr } = await size('--pool', 'checkout/orders')
    expect(code, stderr).toBe(0)
    // Forty a second for a minute
    expect(stdout).toContain('checkout/orders: 2400 checkouts in 60 s, 40.0 a second; callers: independent.')
    // Two or three at a time: the last of four waits for one hold of 20 ms, and holds for another. Four: none waits.
    expect(stdout).toMatch(/^ +2 +\S+ ms +(19\.|20|20\.)\S* ms .* (39|40) ms .*/m)
    expect(stdout).toMatch(/^ +4 +0\.0 ms +0\.0 ms +0\.0 ms +20 ms +0 % .* advised/m)
    expect(stdout).toMatch(/^ +6 .* now$/m)
    expect(stdout).toContain('Set max to 4 in each instance: it is the smallest size as good as the best')
    expect(stderr).toMatch(/^Replaying 2400 checkouts of 60 s/)
  })

  it('gives the same as JSON, with nothing else on the standard output', async () => {
    const { code, stdout } = await size('--pool', 'orders', '--json')
    expect(code).toBe(0)
    const answer = JSON.parse(stdout)
    expect(answer).toMatchObject({
      group: 'checkout/orders',
      pool: { size: 6, min: 6, acquireTimeoutMs: 5000, idleTimeoutMs: 10_000 },
      verdict: { size: 4 },
      prediction: { checkouts: 2400, recommendation: { size: 4 } },
    })
    expect(answer.prediction.sizes.map(({ size }: { size: number }) => size).slice(0, 4)).toEqual([
      1, 2, 3, 4,
    ])
  })

  it.each([
    [['--pool', 'checkout/ordres'], 2, 'Did you mean checkout/orders?'],
    [['--pool', 'nothing-like-it'], 2, 'It knows '],
    [['--pool', 'orders', '--cores', '4'], 2, 'Give --pool or --cores, not both.'],
    [[], 2, '--url needs --pool.'],
    [['--pool', 'checkout/reports'], 1, 'has sent no record of single checkouts yet'],
  ])('says what to do about %j', async (args, code, text) => {
    const result = await size(...args)
    expect(result.stderr).toContain(text)
    expect(result).toMatchObject({ code, stdout: '' })
  })

  it('says that a pool without a probe cannot be replayed, by its id too', async () => {
    const observed = made.fleet.snapshot().groups.find(({ origin }) => origin === 'observed')
    const result = await size('--pool', observed?.id ?? '')
    expect(result).toMatchObject({ code: 1, stderr: expect.stringContaining('No probe measures billing/') })
  })

  it('says when the agent is not there, or wants its token', async () => {
    const gone = await runCommand(['size', '--pool', 'orders', '--url', 'http://127.0.0.1:9'])
    expect(gone).toMatchObject({ code: 1, stderr: expect.stringContaining('No agent answers') })
    const locked = await runCommand(['size', '--pool', 'orders', '--url', url])
    expect(locked).toMatchObject({ code: 1, stderr: expect.stringContaining('POOLSCOPE_TOKEN') })
  })
})

describe('the record of a pool', () => {
  it('comes as the probe packed it', async () => {
    const headers = { authorization: 'Bearer canary-of-a-token' }
    const [group] = made.fleet.snapshot().groups.filter(({ name }) => name === 'orders')
    const answer = await fetch(`${url}/api/v1/groups/${group?.id}/trace.bin`, { headers })
    expect(answer.headers.get('content-type')).toBe('application/octet-stream')
    const packed = new Blob([await answer.arrayBuffer()]).stream()
    const record = await readTraceRecord(packed.getReader(), (bytes) => new TextDecoder().decode(bytes))
    expect(record.head).toMatchObject({ windowMs: SECONDS * 1000, heldMs: [] })
    const windows = await record.newest(SECONDS)
    expect(
      windows.map(({ fromMs, bytes }) => ({ fromMs, data: Buffer.from(bytes).toString('base64') })),
    ).toEqual(Array.from({ length: SECONDS }, (_, i) => second(i * 1000)))
  })

  it('is not there of a pool without a probe', async () => {
    const answer = await fetch(`${url}/api/v1/pools/nobody/trace.bin`, {
      headers: { authorization: 'Bearer canary-of-a-token' },
    })
    expect(answer.status).toBe(404)
    expect(await answer.json()).toMatchObject({ code: 'not_found' })
  })
})
