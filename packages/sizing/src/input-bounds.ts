import { type Bounds, checkNumber } from './check-number.ts'

/**
 * The numbers that a size is computed from, each with what it may be. The upper ends are far beyond any machine
 * that exists, so that they refuse slips of the hand and nothing else.
 */
export const INPUT_BOUNDS = {
  cores: { min: 1, max: 4096, unit: 'cores', whole: true },
  spindles: { min: 0, max: 10_000, unit: 'disks', whole: true },
  waitMs: { min: 0, max: 86_400_000, unit: 'ms' },
  serviceMs: { min: 0.001, max: 86_400_000, unit: 'ms' },
  maxConnections: { min: 1, max: 1_000_000, unit: 'connections', whole: true },
  reserved: { min: 0, max: 1_000_000, unit: 'connections', whole: true },
  reserveRatio: { min: 0, max: 0.9 },
  instances: { min: 1, max: 100_000, unit: 'instances', whole: true },
  processes: { min: 1, max: 10_000, unit: 'processes', whole: true },
  poolMax: { min: 1, max: 1_000_000, unit: 'connections', whole: true },
  threads: { min: 1, max: 1_000_000, unit: 'threads', whole: true },
  connectionsPerThread: { min: 1, max: 1000, unit: 'connections', whole: true },
  arrivalPerSec: { min: 0, max: 1_000_000, unit: 'checkouts a second' },
  holdMs: { min: 0.001, max: 86_400_000, unit: 'ms' },
  targetWaitMs: { min: 0, max: 86_400_000, unit: 'ms' },
} as const satisfies Record<string, Bounds>

/** The name of a number that a size is computed from. */
export type InputName = keyof typeof INPUT_BOUNDS

/**
 * Gives an input back when it may be what it is.
 * @throws TypeError or RangeError that names input, range and value
 * @example checkInput('cores', 4) // 4
 */
export function checkInput(name: InputName, value: number): number {
  return checkNumber(name, value, INPUT_BOUNDS[name])
}
