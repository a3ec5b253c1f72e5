import { setTimeout as sleep } from 'node:timers/promises'
import type { Pool } from 'pg'
import type { Demand } from '../open-loop.ts'
import { type Random, tailedMs } from '../random.ts'

/** People in the office: slow reports, and now and then a transaction that somebody forgot on a second screen. */
export function backofficeDemand(pool: Pool, random: Random): Demand[] {
  return [
    { perSec: 0.6, run: () => writeReport(pool, tailedMs(random, 900, 0.4)) },
    { perSec: 0.08, run: () => editByHand(pool, tailedMs(random, 4000, 0.3)) },
  ]
}

async function writeReport(pool: Pool, ms: number): Promise<void> {
  await pool.query('SELECT count(*), pg_sleep($1) FROM orders', [ms / 1000])
}

async function editByHand(pool: Pool, ms: number): Promise<void> {
  const client = await pool.connect()
  try {
    await client.query('BEGIN READ ONLY')
    await client.query('SELECT count(*) FROM customers')
    await sleep(ms)
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {})
    throw error
  } finally {
    client.release()
  }
}
