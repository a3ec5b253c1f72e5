import { checkInput } from './input-bounds.ts'

/** Away from the last bits of a division, so that 12.000000000000002 does not become 13. */
const ROUNDING = 1e-9

/**
 * How many connections keep a database's cores and disks busy: (cores x 2) + effective spindles.
 *
 * The factor of two stands for work that waits about as long as it computes. It answers for the whole database,
 * not for one application: cores are those of the database, and all instances share the answer. It stops
 * holding where holds wait on something else than the database's disks, such as a call to another service
 * within a transaction, and says nothing about how long callers wait.
 * @param cores of the database, hyper-threads not counted; 1 to 4096
 * @param spindles disks that seek at the same time; 0 when all that is read is in memory, 1 for one disk or SSD
 * @throws TypeError or RangeError
 * @example sizeFromCores(4, 1) // 9 = (4 x 2) + 1
 * @see PostgreSQL wiki, "Number of Database Connections"
 */
export function sizeFromCores(cores: number, spindles: number): number {
  return checkInput('cores', cores) * 2 + checkInput('spindles', spindles)
}

/**
 * How many connections keep the cores busy when each spends a known part of its time waiting:
 * cores x (1 + wait / service), rounded up.
 *
 * It is the first formula with a measured factor in the place of the assumed two: at wait = service both agree but
 * for the disks. It stops holding where waits grow with the number of connections, as they do on locks.
 * @param cores of the database; 1 to 4096
 * @param waitMs part of a hold in which no core of the database works for it, in the unit of `serviceMs`
 * @param serviceMs part of a hold in which one does; above 0
 * @throws TypeError or RangeError, also when more than a million connections come out
 * @example sizeFromWait(4, 0.5, 0.5) // 8 = 4 x (1 + 0.5 / 0.5)
 * @see Goetz, "Java Concurrency in Practice" (2006), section 8.2
 */
export function sizeFromWait(cores: number, waitMs: number, serviceMs: number): number {
  checkInput('cores', cores)
  checkInput('waitMs', waitMs)
  checkInput('serviceMs', serviceMs)
  const size = Math.ceil(cores * (1 + waitMs / serviceMs) - ROUNDING)
  if (size > 1_000_000) {
    throw new RangeError(
      `waitMs / serviceMs must keep the size below 1000000 connections, not ${waitMs} / ${serviceMs}`,
    )
  }
  return size
}

/**
 * What each instance may have of a server's limit: (max_connections - reserved) / instances, rounded down.
 * @param maxConnections the server's limit; 1 to 1,000,000
 * @param reserved slots kept back for administrators and monitoring; below `maxConnections`
 * @param instances processes with a pool of their own
 * @returns 0 when there are more instances than slots: then only a pooler in between helps
 * @throws TypeError or RangeError
 * @example shareOfLimit(100, 20, 4) // 20 = (100 - 20) / 4
 */
export function shareOfLimit(maxConnections: number, reserved: number, instances: number): number {
  checkInput('maxConnections', maxConnections)
  checkInput('reserved', reserved)
  checkInput('instances', instances)
  if (reserved >= maxConnections) {
    throw new RangeError(
      `reserved must be a whole number below maxConnections (${maxConnections}), not ${reserved}`,
    )
  }
  return Math.floor((maxConnections - reserved) / instances)
}

/**
 * Slots to keep back where the server does not say how many it reserves: a part of its limit, rounded up.
 * @param ratio 0.1 to 0.2 is what guides advise; more leaves less for the pools, less leaves an administrator outside
 *   when they are full
 * @throws TypeError or RangeError
 * @example reserveOf(100, 0.2) // 20
 */
export function reserveOf(maxConnections: number, ratio: number): number {
  checkInput('maxConnections', maxConnections)
  checkInput('reserveRatio', ratio)
  return Math.min(maxConnections - 1, Math.ceil(maxConnections * ratio - ROUNDING))
}

/**
 * Connections to keep open: a quarter of the most, rounded down, and at least one.
 *
 * More kept open saves the time to connect when load rises, and costs the server memory around the clock, times the
 * number of instances.
 * @throws TypeError or RangeError
 * @example minOf(8) // 2 = 8 / 4
 */
export function minOf(max: number): number {
  return Math.max(1, Math.floor(checkInput('poolMax', max) / 4))
}

/**
 * The smallest pool in which threads that each need several connections at once cannot lock each other out:
 * threads x (connections - 1) + 1. With that many, one thread always gets its last one.
 *
 * It prevents the deadlock and nothing else: callers still wait.
 * @param threads that may ask at the same time
 * @param connectionsPerThread most that one of them holds at the same time
 * @throws TypeError or RangeError, also when more than a million connections come out
 * @example sizeWithoutDeadlock(3, 4) // 10 = 3 x (4 - 1) + 1
 * @see HikariCP wiki, "About Pool Sizing", section "Pool-locking"
 */
export function sizeWithoutDeadlock(threads: number, connectionsPerThread: number): number {
  checkInput('threads', threads)
  checkInput('connectionsPerThread', connectionsPerThread)
  const size = threads * (connectionsPerThread - 1) + 1
  if (size > 1_000_000) {
    throw new RangeError(
      `threads x (connectionsPerThread - 1) must stay below 1000000 connections, not ${threads} x ${connectionsPerThread - 1}`,
    )
  }
  return size
}
