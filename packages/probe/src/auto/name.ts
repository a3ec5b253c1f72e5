import { formatStack } from '../core/stack.ts'

/** What a found pool leads to, as far as its settings tell. */
export type Destination = { kind: string; database?: string | null; user?: string | null }

/**
 * The name of a pool that nobody named: where it leads, and the file of the application that made it, such as
 * `orders@shop (src/db.mjs)`. Without line numbers, so that an edit of the file is not another pool.
 */
export function foundName({ kind, database, user }: Destination, stack: object | null): string {
  const place = user && database ? `${user}@${database}` : (database ?? kind)
  const file = stack === null ? null : fileOf(formatStack(stack)[0])
  return file === null ? place : `${place} (${file})`
}

/** The file of a frame as the probe writes it, `name (src/file.ts:42:18)`, with two folders at the most. */
function fileOf(frame: string | undefined): string | null {
  const path = /\(([^()]+):\d+:\d+\)$/.exec(frame ?? '')?.[1]
  return path === undefined ? null : path.split(/[\\/]/).slice(-3).join('/')
}
