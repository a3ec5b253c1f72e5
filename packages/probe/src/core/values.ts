/** A count from a driver's settings: `null` for what is not a whole number from 0 to `most`. */
export function whole(value: unknown, most = 1_000_000): number | null {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most ? value : null
}

/** A time-out in ms from a driver's settings: `null` for one that never ends. */
export function timeoutMs(value: unknown): number | null {
  return typeof value === 'number' && value > 0 && value <= 1e12 ? value : null
}

/** A name from a driver's settings; `null` for none. */
export function text(value: unknown, length = 200): string | null {
  return typeof value === 'string' && value !== '' ? value.slice(0, length) : null
}

/** A port from a driver's settings, which may be a text. */
export function port(value: unknown): number | null {
  return whole(typeof value === 'string' && value !== '' ? Number(value) : value, 65_535)
}
