import { flush, watch } from '@poolscope/probe/pg'
import pg from 'pg'
import { type Demand, openLoop } from './open-loop.ts'
import { poolSettings } from './pool-settings.ts'
import { type Random, seeded } from './random.ts'
import { loadAt } from './rhythm.ts'
import type { ServiceOrder } from './service-plan.ts'
import { backofficeDemand } from './services/backoffice.ts'
import { ledgerDemand, outboxDemand } from './services/billing.ts'
import { catalogDemand } from './services/catalog.ts'
import { checkoutDemand } from './services/checkout.ts'

type PoolPlan = {
  name: string
  max: number
  probed: boolean
  demand: (pool: pg.Pool, random: Random) => Demand[]
}

const POOLS: Readonly<Record<ServiceOrder['application'], readonly PoolPlan[]>> = {
  catalog: [{ name: 'main', max: 20, probed: true, demand: catalogDemand }],
  checkout: [{ name: 'orders', max: 10, probed: true, demand: checkoutDemand }],
  billing: [
    { name: 'ledger', max: 5, probed: true, demand: ledgerDemand },
    { name: 'outbox', max: 3, probed: true, demand: outboxDemand },
  ],
  // Without a probe: what the server's session list shows is all there is to know of it.
  backoffice: [{ name: 'main', max: 4, probed: false, demand: backofficeDemand }],
}

/** Opens a service's pools and its doors. @returns how to close it */
function open(order: ServiceOrder): () => Promise<void> {
  const load = () => order.rate * loadAt(Date.now() - order.openedAtMs, order.dayMs)
  const pools = POOLS[order.application].map((plan, index) => {
    const pool = new pg.Pool(poolSettings(order.databaseUrl, order.application, plan.max))
    // A connection that breaks while idle is the pool's affair; the next caller gets a new one. One that
    // breaks in somebody's hands fails that caller's query, and would otherwise end the process as well.
    pool.on('error', () => {})
    pool.on('connect', (client) => client.on('error', () => {}))
    if (plan.probed) {
      watch(pool, {
        name: plan.name,
        service: order.application,
        instance: order.instance,
        url: order.agentUrl,
        ...(order.token === null ? {} : { token: order.token }),
      })
    }
    const random = seeded(order.instance.length * 1000 + index)
    return { pool, loops: plan.demand(pool, random).map((demand) => openLoop(demand, load, random)) }
  })
  return async () => {
    await Promise.all(pools.flatMap(({ loops }) => loops.map((loop) => loop.stop())))
    await Promise.all(pools.map(({ pool }) => pool.end()))
    await flush()
  }
}

let close = async () => {}

process.on('message', (message: { start: ServiceOrder } | 'stop') => {
  if (message === 'stop') void close().finally(() => process.exit(0))
  else close = open(message.start)
})
// Ctrl-C, and a signal that ends a whole group, reach the parent too, which ends its services one by one.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => {})
// The parent is gone, however that came about.
process.on('disconnect', () => process.exit(0))
