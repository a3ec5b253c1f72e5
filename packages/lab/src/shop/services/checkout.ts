import { setTimeout as sleep } from 'node:timers/promises'
import type { Pool, PoolClient } from 'pg'
import type { Demand } from '../open-loop.ts'
import { popular, type Random, tailedMs } from '../random.ts'
import { CUSTOMERS, PRODUCTS } from '../schema.ts'

type Basket = { customerId: number; productIds: number[] }

/** Customers who buy: transactions that are open while the payment provider thinks. */
export function checkoutDemand(pool: Pool, random: Random): Demand[] {
  const basket = (): Basket => ({
    customerId: 1 + Math.floor(random() * CUSTOMERS),
    productIds: [1 + popular(random, PRODUCTS), 1 + popular(random, PRODUCTS)],
  })
  return [
    { perSec: 28, run: () => placeOrder(pool, basket(), tailedMs(random, 260, 0.45)) },
    { perSec: 10, run: () => showOrders(pool, 1 + Math.floor(random() * CUSTOMERS)) },
  ]
}

async function placeOrder(pool: Pool, basket: Basket, paymentMs: number): Promise<void> {
  const client = await pool.connect()
  try {
    await client.query('BEGIN')
    const orderId = await writeOrder(client, basket)
    // The provider is asked while the transaction is open: the usual reason why a checkout pool runs full.
    await sleep(paymentMs)
    await client.query('INSERT INTO payments (order_id, amount_cents) VALUES ($1, $2)', [orderId, 4200])
    await reserveStock(client, basket.productIds)
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {})
    throw error
  } finally {
    client.release()
  }
}

async function writeOrder(client: PoolClient, { customerId, productIds }: Basket): Promise<string> {
  const { rows } = await client.query<{ id: string }>(
    'INSERT INTO orders (customer_id) VALUES ($1) RETURNING id',
    [customerId],
  )
  const orderId = rows[0]?.id ?? ''
  await client.query(
    'INSERT INTO order_items (order_id, product_id, quantity) SELECT $1, id, 1 FROM unnest($2::int[]) AS t(id) GROUP BY id',
    [orderId, productIds],
  )
  return orderId
}

async function reserveStock(client: PoolClient, productIds: readonly number[]): Promise<void> {
  // In one order everywhere, so that two customers never wait for each other in a ring; and no stronger lock than
  // needed, because every open order holds a weaker one on its products through the foreign key.
  const sorted = [...productIds].sort((a, b) => a - b)
  await client.query('SELECT id FROM products WHERE id = ANY ($1) ORDER BY id FOR NO KEY UPDATE', [sorted])
  await client.query('UPDATE products SET stock = stock - 1 WHERE id = ANY ($1)', [sorted])
}

async function showOrders(pool: Pool, customerId: number): Promise<void> {
  await pool.query('SELECT id, placed_at FROM orders WHERE customer_id = $1 ORDER BY id DESC LIMIT 10', [
    customerId,
  ])
}
