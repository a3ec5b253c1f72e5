import { spawn } from 'node:child_process'
import { tempDir } from '@poolscope/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ChunkStore } from '../src/history/chunk-store.ts'

const TIERS = [
  { stepMs: 1000, keepMs: 30 * 86_400_000 },
  { stepMs: 10_000, keepMs: 365 * 86_400_000 },
]
const BEGIN_SEC = 1_700_000_000
const KILLS = 100
const SERIES = 3

/** What the child writes at a second, so that a reader knows what has to be there. */
const valueAt = (atSec: number, series: number) => (atSec * 7 + series) % 1000

/** Writes ticks as fast as it can, and says the second of each once it is kept. */
const WRITER = `
  import { writeSync } from 'node:fs'
  import { ChunkStore } from ${JSON.stringify(new URL('../dist/history/chunk-store.js', import.meta.url).href)}
  const [dir, tiers] = [process.argv[1], JSON.parse(process.argv[2])]
  const store = new ChunkStore({ dir, tiers, budgetBytes: 2 ** 30 })
  const series = Array.from({ length: ${SERIES} }, (_, i) => ({
    kind: 'pool', id: 'p' + i, columns: ['inUse'], about: {},
  }))
  let atSec = Math.max(store.lastSec, ${BEGIN_SEC}) + 1
  for (;; atSec++) {
    const values = Float64Array.from(series, (_, i) => (atSec * 7 + i) % 1000)
    store.append({ atMs: atSec * 1000, series, values })
    writeSync(1, atSec + '\\n')
    if (atSec % 10 === 0) store.housekeep()
  }
`

let dir: Awaited<ReturnType<typeof tempDir>>
beforeAll(async () => {
  dir = await tempDir()
})
afterAll(() => dir.stop())

/** Runs the writer and kills it without warning. @returns the last second that it said was kept */
async function writeUntilKilled(afterMs: number): Promise<number> {
  const args = ['--input-type=module', '-e', WRITER, dir.path, JSON.stringify(TIERS)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  let errors = ''
  child.stderr.on('data', (text) => {
    errors += text
  })
  await new Promise<void>((resolve, reject) => {
    child.once('close', (code, signal) =>
      signal === 'SIGKILL' ? resolve() : reject(new Error(`the writer ended with ${code}: ${errors}`)),
    )
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (output === '') setTimeout(() => child.kill('SIGKILL'), afterMs)
      output += text
    })
  })
  const whole = output.slice(0, output.lastIndexOf('\n'))
  return Number(whole.slice(whole.lastIndexOf('\n') + 1))
}

describe('a store whose process is killed', () => {
  it(`has every tick that it acknowledged, after ${KILLS} kills at random moments`, async () => {
    let saidSec = BEGIN_SEC
    for (let kill = 0; kill < KILLS; kill++) {
      const lastSec = await writeUntilKilled(Math.random() * 40)
      expect(lastSec).toBeGreaterThan(saidSec)
      saidSec = lastSec
    }
    const store = new ChunkStore({ dir: dir.path, tiers: TIERS, budgetBytes: 2 ** 30 })
    try {
      // One more may be kept than was said.
      expect(store.lastSec - saidSec).toBeLessThanOrEqual(1)
      for (let series = 0; series < SERIES; series++) {
        const [fromMs, toMs] = [(BEGIN_SEC + 1) * 1000, saidSec * 1000]
        const query = { fromMs, toMs, points: 10_000_000, aggregate: 'max' } as const
        const read = store.reader.readSeries('pool', `p${series}`, query)
        let step = read.next()
        while (step.done !== true) step = read.next()
        const found = step.value?.columns.inUse
        const expected = Float64Array.from({ length: saidSec - BEGIN_SEC }, (_, i) =>
          valueAt(BEGIN_SEC + 1 + i, series),
        )
        expect(Buffer.from(found?.buffer as ArrayBuffer).equals(Buffer.from(expected.buffer))).toBe(true)
      }
    } finally {
      store.close()
    }
  }, 900_000)
})
