/** Longest name that is kept; PostgreSQL's own are at most 63 bytes. */
const MAX_LENGTH = 128

/**
 * Control characters, and those without width or that turn the writing direction: a session may name itself
 * anything, and a name must not forge another one, a log line or a terminal sequence.
 */
const UNSAFE = /[\p{Cc}\p{Cs}\u061C\u200B\u200E\u200F\u2028-\u202E\u2060-\u2069\uFEFF]/gu

/**
 * A name that came from outside, fit to be shown.
 * @example cleanName('orders\u202e\n') // 'orders'
 */
export function cleanName(name: string): string {
  return [...name.slice(0, 2 * MAX_LENGTH).replace(UNSAFE, '')].slice(0, MAX_LENGTH).join('')
}

/** {@link cleanName} of a name that may not be known. */
export function cleanNameOrNull(name: string | null): string | null {
  return name === null ? null : cleanName(name)
}

/** A name as it can be pasted into a statement of PostgreSQL: in quotes unless it needs none. */
export function quotedName(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${cleanName(name).replaceAll('"', '""')}"`
}
