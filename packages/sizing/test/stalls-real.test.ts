import { setTimeout as sleep } from 'node:timers/promises'
import { eventually, postgresVersions } from '@poolscope/testkit'
import pg from 'pg'
import { describe, expect, it } from 'vitest'
import { randomFrom } from '../src/trace/random.ts'
import { stallsOf } from '../src/trace/stalls.ts'
import type { Trace } from '../src/trace/trace.ts'

type Row = { arrival: number; wait: number; hold: number }

const SIZE = 12
const STOPPED_MS = 1000

function traceOf(rows: readonly Row[], windowMs: number): Trace {
  const sorted = [...rows].sort((a, b) => a.arrival - b.arrival)
  return {
    arrivalMs: Float64Array.from(sorted, ({ arrival }) => arrival),
    waitMs: Float64Array.from(sorted, ({ wait }) => wait),
    holdMs: Float64Array.from(sorted, ({ hold }) => hold),
    caller: new Uint32Array(sorted.length),
    inFlight: [],
    windowMs,
  }
}

describe('stalls of a real PostgreSQL', () => {
  it('are found in what a pool lived through while the server was stopped', async () => {
    const [version] = postgresVersions()
    const server = await version.start()
    const pool = new pg.Pool({ connectionString: server.url, max: SIZE, idleTimeoutMillis: 0 })
    const startMs = performance.now()
    const now = () => performance.now() - startMs
    const rows: Row[] = []
    let held = 0
    const checkout = async (holdMs: number) => {
      const arrival = now()
      const client = await pool.connect()
      const got = now()
      held++
      await client.query('select pg_sleep($1)', [holdMs / 1000])
      held--
      rows.push({ arrival, wait: got - arrival, hold: now() - got })
      client.release()
    }
    /** Stops the sessions of the pool until all of it is held and a while has passed; answers when they go on. */
    const stopServer = async (pids: readonly number[]) => {
      for (const pid of pids) process.kill(pid, 'SIGSTOP')
      try {
        await eventually(() => held === SIZE)
        await sleep(STOPPED_MS)
        return now()
      } finally {
        for (const pid of pids) process.kill(pid, 'SIGCONT')
      }
    }
    try {
      const clients = await Promise.all(Array.from({ length: SIZE }, () => pool.connect()))
      const pids = await Promise.all(
        clients.map(
          async (client) => (await client.query('select pg_backend_pid() as pid')).rows[0].pid as number,
        ),
      )
      for (const client of clients) client.release()
      const uniform = randomFrom(1)
      const exponential = (mean: number) => -mean * Math.log(1 - uniform())
      let asking = true
      const asked: Promise<void>[] = []
      const traffic = (async () => {
        while (asking) {
          await sleep(exponential(10))
          asked.push(checkout(exponential(25)))
        }
      })()
      const times = []
      for (let stops = 0; stops < 2; stops++) {
        const before = rows.length
        await eventually(() => rows.length >= before + 120)
        times.push(await stopServer(pids))
      }
      await eventually(() => rows.length >= 400)
      asking = false
      await traffic
      await Promise.all(asked)
      const found = stallsOf(traceOf(rows, now()))
      for (const toMs of times) {
        const middleMs = toMs - STOPPED_MS / 2
        expect(found.filter((stall) => stall.fromMs < middleMs && middleMs < stall.toMs)).toHaveLength(1)
      }
    } finally {
      await pool.end()
      await server.stop()
    }
  })
})
