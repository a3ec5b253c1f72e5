/** Bounds of an argument; both ends belong to it. */
export type Bounds = {
  min: number
  max: number
  /** What the number counts, for the message: `ms`, `connections`. */
  unit?: string
  whole?: boolean
}

/**
 * Gives the number back when it is finite and within bounds.
 * @throws TypeError when it is not a number, RangeError when it is out of bounds; both name argument, range and value
 * @example checkNumber('cores', 4, { min: 1, max: 4096, whole: true }) // 4
 */
export function checkNumber(name: string, value: number, bounds: Bounds): number {
  const { min, max, unit = '', whole = false } = bounds
  const range = `${whole ? 'a whole number' : 'a number'} from ${min} to ${max}${unit === '' ? '' : ` ${unit}`}`
  if (typeof value !== 'number' || Number.isNaN(value)) {
    throw new TypeError(`${name} must be ${range}, not ${String(value)}`)
  }
  if (value < min || value > max || (whole && !Number.isInteger(value))) {
    throw new RangeError(`${name} must be ${range}, not ${value}`)
  }
  return value
}
