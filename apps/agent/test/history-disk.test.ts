import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { eventually, tempDir } from '@poolscope/testkit'
import { afterEach, describe, expect, it } from 'vitest'
import { ChunkStore } from '../src/history/chunk-store.ts'
import type { HistoryBody, HistoryTick, SeriesOf } from '../src/history/history-store.ts'
import { DEFAULT_BUDGET_BYTES, DEFAULT_TIERS } from '../src/history/tiers.ts'
import { WorkerStore } from '../src/history/worker-store.ts'

const undo: (() => Promise<unknown> | unknown)[] = []
afterEach(async () => {
  for (const one of undo.splice(0).toReversed()) await one()
})

const REST = { tiers: DEFAULT_TIERS, budgetBytes: DEFAULT_BUDGET_BYTES }
const BEGIN_SEC = 1_700_000_000
const forever = new AbortController().signal
const SERIES: SeriesOf[] = Array.from({ length: 20 }, (_, i) => ({
  kind: 'pool',
  id: `p${i}`,
  columns: ['inUse', 'holdMaxMs'],
  about: {},
}))
const parsed = (body: HistoryBody | null) => JSON.parse(Buffer.from(body?.json ?? []).toString())
/** Numbers that do not pack, so that a disk is soon full. */
function aTick(atSec: number): HistoryTick {
  const values = Float64Array.from({ length: SERIES.length * 2 }, () => Math.random() * 1e9)
  return { atMs: atSec * 1000, series: SERIES, values }
}

async function newDir(): Promise<string> {
  const dir = await tempDir()
  undo.push(() => dir.stop())
  return dir.path
}

/** A file system of two megabytes; null where this user may mount none. */
async function smallDisk(): Promise<string | null> {
  const dir = join(await newDir(), 'disk')
  mkdirSync(dir)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', dir], { stdio: 'ignore' })
  } catch {
    return null
  }
  undo.push(() => execFileSync('umount', ['-l', dir]))
  return dir
}

async function openWorker(dir: string) {
  const changes: string[] = []
  const onChange = ({ state, message }: { state: string; message: string | null }) =>
    changes.push(`${state} ${message}`)
  const store = await WorkerStore.open({ ...REST, dir, now: Date.now, onChange })
  undo.push(() => store.close())
  return { store, changes }
}

/** Sends ticks, a second apart each, until the status is as wanted. */
async function tickUntil(
  store: WorkerStore,
  state: string,
  clock: { atSec: number; sent: number },
): Promise<void> {
  await eventually(
    () => {
      const { storedTicksTotal, lostTicksTotal } = store.status()
      if (storedTicksTotal + lostTicksTotal < clock.sent) return false
      for (let i = 0; i < 20; i++) store.append(aTick(clock.atSec++))
      clock.sent += 20
      return store.status().state === state
    },
    { timeoutMs: 45_000 },
  )
}

describe('a disk that is full', () => {
  it('loses only what does not fit, says so, and is used again when there is room', async () => {
    const disk = await smallDisk()
    // Without the right to mount, SQLite's own limit of the file gives the same error.
    const dir = disk ?? (await newDir())
    const store = new ChunkStore({ ...REST, dir })
    undo.push(() => store.close())
    const ballast = join(dir, 'ballast')
    if (disk === null) store.limitTo(300_000)
    else writeFileSync(ballast, Buffer.alloc(1_500_000))
    const kept: number[] = []
    let lost = 0
    const write = (atSec: number) => {
      try {
        store.append(aTick(atSec))
        kept.push(atSec)
        if (atSec % 10 === 0) store.housekeep()
      } catch (error) {
        lost += 1
        expect(error).toMatchObject({ name: 'HistoryError', code: 'full' })
      }
    }
    let atSec = BEGIN_SEC
    while (lost < 20 && atSec < BEGIN_SEC + 20_000) write(atSec++)
    expect(lost).toBe(20)
    if (disk === null) store.limitTo(30_000_000)
    else rmSync(ballast)
    const before = kept.length
    for (let i = 0; i < 50; i++) write(atSec++)
    expect([kept.length - before, lost]).toEqual([50, 20])
    const query = { fromMs: BEGIN_SEC * 1000, toMs: atSec * 1000, points: 100_000, aggregate: 'max' } as const
    const read = store.reader.readSeries('pool', 'p3', query)
    let step = read.next()
    while (step.done !== true) step = read.next()
    const found = [...(step.value?.columns.inUse ?? [])].flatMap((value, i) =>
      Number.isNaN(value) ? [] : [BEGIN_SEC + i],
    )
    expect(found).toEqual(kept)
  })

  it('does not stop the agent: the status says what was lost, and that it is over', async ({ skip }) => {
    const disk = await smallDisk()
    if (disk === null) return skip('this user may not mount a small file system')
    const { store, changes } = await openWorker(disk)
    const clock = { atSec: BEGIN_SEC, sent: 0 }
    await tickUntil(store, 'failing', clock)
    const { lostTicksTotal, message, sinceMs } = store.status()
    expect(lostTicksTotal).toBeGreaterThan(0)
    expect(message).toBe('The disk of the history is full.')
    expect(sinceMs).toBeTypeOf('number')
    execFileSync('mount', ['-o', 'remount,size=32m', disk])
    await tickUntil(store, 'ok', clock)
    expect(changes).toEqual(['failing The disk of the history is full.', 'ok null'])
  })
})

describe('a directory that cannot be used', () => {
  it('leaves the store off until it can, and then begins by itself', async ({ skip }) => {
    const mounted = await smallDisk()
    if (mounted === null) return skip('root may write to a read-only directory, so a mount has to be')
    execFileSync('mount', ['-o', 'remount,ro', mounted])
    const { store } = await openWorker(join(mounted, 'data'))
    expect(store.status()).toMatchObject({
      state: 'off',
      message: 'The directory of the history is on a read-only file system.',
      bytes: null,
    })
    store.append(aTick(BEGIN_SEC))
    await eventually(() => store.status().lostTicksTotal === 1)
    await expect(store.records('note', 0, 1)).rejects.toMatchObject({ name: 'HistoryError' })
    execFileSync('mount', ['-o', 'remount,rw', mounted])
    await tickUntil(store, 'ok', { atSec: BEGIN_SEC + 1, sent: 0 })
    expect(readdirSync(join(mounted, 'data'))).toContain('history.db')
  })

  it('is refused while another agent uses it, and taken over when that one stops', async () => {
    const dir = await newDir()
    const first = await openWorker(dir)
    const second = await openWorker(dir)
    expect(second.store.status()).toMatchObject({
      state: 'off',
      message: 'Another agent uses the directory of the history.',
    })
    first.store.append(aTick(BEGIN_SEC))
    await eventually(() => first.store.status().storedTicksTotal === 1)
    await first.store.close()
    await tickUntil(second.store, 'ok', { atSec: BEGIN_SEC + 1, sent: 0 })
    const query = { fromMs: BEGIN_SEC * 1000, toMs: BEGIN_SEC * 1000, points: 1, aggregate: 'max' } as const
    expect(parsed(await second.store.series('pool', 'p0', query, undefined, forever)).atMs).toHaveLength(1)
  })

  it('is refused when its file is another program’s', async () => {
    const dir = await newDir()
    writeFileSync(join(dir, 'history.db'), 'this is a text of another program'.repeat(100))
    const { store } = await openWorker(dir)
    expect(store.status()).toMatchObject({
      state: 'off',
      message: 'The file of the history is not one of ours.',
    })
  })
})

describe('WorkerStore', () => {
  it('stops reading when nobody waits for the answer any more', async () => {
    const { store } = await openWorker(await newDir())
    for (let i = 0; i < 50; i++) store.append(aTick(BEGIN_SEC + i))
    const gone = new AbortController()
    const query = {
      fromMs: BEGIN_SEC * 1000,
      toMs: (BEGIN_SEC + 49) * 1000,
      points: 100,
      aggregate: 'max',
    } as const
    const asked = store.series('pool', 'p0', query, undefined, gone.signal)
    gone.abort()
    await expect(asked).rejects.toMatchObject({ name: 'AbortError' })
    const again = parsed(await store.series('pool', 'p0', query, undefined, forever))
    expect(again.columns.inUse).toHaveLength(50)
    expect(again.columns.inUse).not.toContain(null)
    expect(parsed(await store.column('pool', 'inUse', query, new Map(), forever)).groups).toHaveProperty(
      'p19',
    )
    expect(await store.series('pool', 'never', query, undefined, forever)).toBeNull()
  })
})
