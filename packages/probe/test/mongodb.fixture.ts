import { eventually, type MongoStandIn } from '@poolscope/testkit'
import type { Hold } from './probe-contract-driver.ts'

export const MONGODB_USER = { name: 'app', password: 'only-for-tests' }

/** The part of a collection that tests use, of the driver's or of Mongoose's. */
export type Orders = { findOne(filter: object, options: { comment: string }): Promise<unknown> }

/** Where a stand-in is. @param user null where nobody logs in */
export function urlOf(
  { host, port }: { host: string; port: number },
  user: typeof MONGODB_USER | null = MONGODB_USER,
) {
  return user === null
    ? `mongodb://${host}:${port}/shop`
    : `mongodb://${user.name}:${user.password}@${host}:${port}/shop?authSource=admin`
}

/** Has a connection for as long as a find takes that the stand-in does not answer before it is told to. */
export async function gatedFind(standIn: MongoStandIn, orders: Orders): Promise<Hold> {
  const gate = standIn.gate()
  const found = orders.findOne({}, { comment: gate.comment })
  let failure: { error: unknown } | null = null
  found.catch((error: unknown) => {
    failure = { error }
  })
  await eventually(() => failure !== null || gate.connectionId !== null, { timeoutMs: 45_000, everyMs: 2 })
  if (failure !== null) throw (failure as { error: unknown }).error
  return {
    sessionPid: gate.connectionId,
    release: () => {
      gate.open()
      return found
    },
  }
}
