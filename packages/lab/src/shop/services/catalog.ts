import type { Pool } from 'pg'
import type { Demand } from '../open-loop.ts'
import { popular, type Random } from '../random.ts'
import { PRODUCTS } from '../schema.ts'

/** Customers who look around: many short reads. */
export function catalogDemand(pool: Pool, random: Random): Demand[] {
  return [
    { perSec: 45, run: () => showProduct(pool, 1 + popular(random, PRODUCTS)) },
    { perSec: 12, run: () => listCategory(pool, Math.floor(random() * 40)) },
    { perSec: 3, run: () => searchProducts(pool, `%${Math.floor(random() * 1000)}%`) },
  ]
}

async function showProduct(pool: Pool, id: number): Promise<void> {
  await pool.query('SELECT id, name, price_cents, stock FROM products WHERE id = $1', [id])
}

async function listCategory(pool: Pool, category: number): Promise<void> {
  await pool.query(
    'SELECT id, name, price_cents FROM products WHERE category = $1 ORDER BY price_cents LIMIT 20',
    [category],
  )
}

async function searchProducts(pool: Pool, pattern: string): Promise<void> {
  await pool.query('SELECT id, name FROM products WHERE name LIKE $1 LIMIT 20', [pattern])
}
