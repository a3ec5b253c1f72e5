import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Annotations, Fleet, History } from '@poolscope/protocol'
import { eventually, type TempDir, tempDir } from '@poolscope/testkit'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { ChunkStore } from '../src/history/chunk-store.ts'
import { TickOf } from '../src/history/tick-of.ts'
import { DEFAULT_BUDGET_BYTES, DEFAULT_TIERS } from '../src/history/tiers.ts'
import { RunningCommand } from './command-runner.ts'
import { LiveReader } from './live-reader.ts'
import { aPool, aReport, testAgent } from './support.ts'

const T0 = 1_700_000_000_000
const TICKS = 600

let data: TempDir
let groupId: string
let poolId: string
const commands: RunningCommand[] = []
beforeAll(async () => {
  data = await tempDir()
  const store = new ChunkStore({
    dir: join(data.path, 'data'),
    tiers: DEFAULT_TIERS,
    budgetBytes: DEFAULT_BUDGET_BYTES,
  })
  const { fleet, clock } = await testAgent()
  const tickOf = new TickOf()
  for (let i = 0; i < TICKS; i++) {
    fleet.takeReport(aReport([aPool({ inUse: i % 10, waiting: 2 })]))
    store.append(tickOf.take(fleet.tick()))
    clock.advance(1000)
  }
  const deploy = { id: 'd', atMs: T0 + 300_000, kind: 'deploy', text: 'checkout 1.4', tags: [] }
  const subject = { service: 'checkout', poolId: null, serverId: null }
  store.records.put('annotation', {
    id: 'd',
    atMs: deploy.atMs,
    json: JSON.stringify({ ...deploy, ...subject }),
  })
  store.close()
  const [pool] = fleet.snapshot().pools
  groupId = pool?.groupId as string
  poolId = pool?.id as string
})
// Ended as people end it, so that it takes its temporary files along.
afterEach(async () => {
  for (const command of commands.splice(0)) {
    command.child.kill('SIGTERM')
    await command.ended()
  }
})
afterAll(() => data.stop())

const iso = (ms: number) => new Date(ms).toISOString()
function run(args: string[]): RunningCommand {
  const command = new RunningCommand(args)
  commands.push(command)
  return command
}
async function done(args: string[]): Promise<string> {
  const command = run(args)
  const code = await command.ended()
  expect([code, command.stderr]).toEqual([0, ''])
  return command.stdout
}
const at = (name: string) => join(data.path, name)
const exported = async (name: string, from: string[]) =>
  done(['export', '--from', iso(T0 + 100_000), '--to', iso(T0 + 399_000), '--out', at(name), ...from])

describe('poolscope export, import and serve --replay', () => {
  it('writes a range as a file, and shows it as if it were then', async () => {
    expect(await exported('a.db', ['--data', at('data')])).toMatch(/^Wrote .*a\.db, \d+ KiB\.$/m)
    const command = run(['serve', '--replay', at('a.db'), '--port', '0'])
    const url = await command.url()
    const get = async <T>(path: string) => (await (await fetch(`${url}/api/v1/${path}`)).json()) as T
    const fleet = await get<Fleet>('fleet')
    expect(fleet.atMs).toBe(T0 + 399_000)
    // tick 399 had 399 mod 10
    expect(fleet.pools).toMatchObject([
      { id: poolId, service: 'checkout', inUse: 9, waiting: 2, stale: false },
    ])
    expect(fleet.groups).toMatchObject([{ id: groupId, inUse: 9, max: 10, utilizationRatio: 0.9 }])
    const range = `fromMs=${T0}&toMs=${T0 + 599_000}&points=2000`
    const history = await get<History>(`groups/${groupId}/history?${range}`)
    const known = history.atMs.filter((_, i) => history.columns.inUse?.[i] !== null)
    expect([known[0], known.at(-1), known.length]).toEqual([T0 + 100_000, T0 + 399_000, 300])
    expect((await get<Annotations>(`annotations?${range}`)).annotations).toMatchObject([
      { text: 'checkout 1.4' },
    ])
    const refused = await fetch(`${url}/api/v1/reports`, { method: 'POST', body: '{}' })
    expect([refused.status, await refused.json()]).toMatchObject([403, { code: 'read_only' }])
    const live = await LiveReader.open(url)
    // So that a page does not take what is not recorded for nothing.
    expect(JSON.parse(live.texts[0] as string)).toMatchObject({ type: 'hello', recorded: true })
    await eventually(() => live.frames.length >= 2)
    await live.stop()
  })

  it('runs the clock from the asked moment', async () => {
    await exported('b.db', ['--data', at('data')])
    const command = run(['serve', '--replay', at('b.db'), '--at', iso(T0 + 200_000), '--port', '0'])
    const url = await command.url()
    const atMs = async () => ((await (await fetch(`${url}/api/v1/fleet`)).json()) as Fleet).atMs
    const first = await atMs()
    expect(first).toBeGreaterThanOrEqual(T0 + 200_000)
    expect(first).toBeLessThan(T0 + 260_000)
    await eventually(async () => (await atMs()) > first)
  })

  it('is asked of a running agent, and put into another history', async () => {
    const serving = run(['serve', '--port', '0', '--data', at('data')])
    const url = await serving.url()
    const busy = run([
      'export',
      '--from',
      iso(T0),
      '--to',
      iso(T0 + 1),
      '--data',
      at('data'),
      '--out',
      at('x.db'),
    ])
    expect(await busy.ended()).toBe(1)
    expect(busy.stderr).toContain('Another agent uses the directory of the history. Ask it with --url.')
    const second = run(['serve', '--port', '0', '--data', at('data')])
    expect([await second.ended(), second.stdout]).toEqual([1, ''])
    expect(second.stderr).toBe(
      `poolscope: Another agent uses ${at('data')}. Stop it, or give this one a directory of its own with --data DIR.\n`,
    )
    await exported('c.db', ['--url', url])
    expect(statSync(at('c.db')).mode & 0o777).toBe(0o600)
    serving.child.kill('SIGTERM')
    expect(await serving.ended()).toBe(0)
    expect(await done(['import', at('c.db'), '--data', at('other')])).toMatch(/^Put \d+ rows/)
    const store = new ChunkStore({
      dir: at('other'),
      tiers: DEFAULT_TIERS,
      budgetBytes: DEFAULT_BUDGET_BYTES,
    })
    expect(store.reader.extent()).toMatchObject({ fromSec: T0 / 1000 + 100, toSec: T0 / 1000 + 399 })
    store.close()
    expect(readdirSync(at('other'))).toEqual(['history.db'])
  })

  it.each([
    [['export', '--from', '2026-01-01'], 2, 'It needs --from and --to.'],
    [['export', '--from', 'then', '--to', 'now'], 2, '--from expects a time'],
    [['export', '--from', '2026-01-02', '--to', '2026-01-01'], 2, '--from must not be after --to.'],
    [['import', '/no/such.db'], 2, 'It needs --data.'],
    [['serve', '--at', '2026-01-01'], 2, '--at is for --replay.'],
    [['serve', '--replay', '/no/such.db'], 1, 'The history cannot be read or written (ENOENT).'],
  ])('says what is wrong with %j', async (args, code, message) => {
    const command = run(args)
    expect(await command.ended()).toBe(code)
    expect(command.stderr).toContain(message)
  })
})
