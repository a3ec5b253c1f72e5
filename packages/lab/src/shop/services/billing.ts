import type { Pool } from 'pg'
import type { Demand } from '../open-loop.ts'
import type { Random } from '../random.ts'

/** Bookkeeping: few but heavy reads. */
export function ledgerDemand(pool: Pool, random: Random): Demand[] {
  return [{ perSec: 6, run: () => sumRevenue(pool, 1 + Math.floor(random() * 24)) }]
}

/** Messages to the accounting system: small and steady. */
export function outboxDemand(pool: Pool): Demand[] {
  return [{ perSec: 8, run: () => sendPayments(pool) }]
}

async function sumRevenue(pool: Pool, hours: number): Promise<void> {
  await pool.query(
    `SELECT p.category, sum(i.quantity * p.price_cents)
     FROM orders o JOIN order_items i ON i.order_id = o.id JOIN products p ON p.id = i.product_id
     WHERE o.placed_at > now() - $1 * interval '1 hour' GROUP BY p.category`,
    [hours],
  )
}

async function sendPayments(pool: Pool): Promise<void> {
  await pool.query(
    `UPDATE payments SET sent = true WHERE order_id IN
       (SELECT order_id FROM payments WHERE NOT sent ORDER BY order_id LIMIT 20 FOR UPDATE SKIP LOCKED)`,
  )
}
