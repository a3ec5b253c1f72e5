import { describe, expect, it } from 'vitest'
import { LockReader, type LockRow } from './held-locks.ts'

const row = (pid: number, over: Partial<LockRow> = {}): LockRow => ({
  pid,
  kind: 'relation',
  mode: 'RowExclusiveLock',
  relation: 'public.stock',
  granted: true,
  count: 1,
  kinds: 1,
  ...over,
})

/** A reader with the sessions that it asked for, one list a question. */
function reader(rows: readonly LockRow[], all = true) {
  const asked: (readonly number[])[] = []
  const locks = new LockReader()
  return {
    asked,
    read: (nowMs: number, ...sessions: [pid: number, transactionMs: number][]) =>
      locks.read(
        sessions.map(([pid, transactionMs]) => ({ pid, transactionMs })),
        nowMs,
        async (pids) => {
          asked.push(pids)
          return { rows: [...rows], all }
        },
      ),
  }
}

describe(LockReader, () => {
  it('asks for nobody, and once in five seconds', async () => {
    const { read, asked } = reader([row(7)])
    expect((await read(0)).size).toBe(0)
    expect(asked).toEqual([])
    const first = await read(0, [7, 1000])
    expect(first.get(7)).toMatchObject({ complete: true, listed: [{ relation: 'public.stock' }] })
    expect(await read(4999, [7, 5999])).toEqual(first)
    expect(asked).toHaveLength(1)
    await read(5000, [7, 6000])
    expect(asked).toEqual([[7], [7]])
  })

  it('does not show the locks of the transaction before', async () => {
    const { read } = reader([row(7)])
    await read(0, [7, 60_000])
    // Ages in whole seconds waver by as much.
    expect((await read(1000, [7, 60_000])).size).toBe(1)
    expect((await read(2000, [7, 500])).size).toBe(0)
    expect((await read(5000, [7, 3500])).size).toBe(1)
  })

  it('forgets who no longer idles in a transaction', async () => {
    const { read } = reader([row(7)])
    await read(0, [7, 0])
    await read(1000)
    expect((await read(2000, [7, 2000])).size).toBe(0)
  })

  it('asks for twenty sessions at most', async () => {
    const { read, asked } = reader([])
    await read(0, ...Array.from({ length: 30 }, (_, pid): [number, number] => [pid, 0]))
    expect(asked[0]).toHaveLength(20)
  })

  it('says where the list is not all that there is', async () => {
    const cut = await reader([row(7, { kinds: 2 })]).read(0, [7, 0])
    expect(cut.get(7)?.complete).toBe(false)
    const partial = await reader([], false).read(0, [7, 0])
    expect(partial.get(7)).toEqual({ listed: [], complete: false, rows: null })
  })
})
