import type { Quiet } from './quiet.ts'

/** What a connection is doing. A connection that was given back and is being closed is `returned` until it is gone. */
export type SlotState = 'connecting' | 'returned' | 'inUse' | 'gone'

/** One connection of a pool, from the moment it begins to open. Lives on the driver's own connection object. */
export class Slot {
  state: SlotState = 'connecting'
  /** When opening began, then when it was last handed out, on the meter's clock. */
  sinceMs: number
  /** What its holder waited, and who that is; the wait is NaN where not known. */
  waitedMs = Number.NaN
  caller = 0
  /** It was in use when the pool came under watch: `sinceMs` is later than the true start of the hold. */
  late = false
  /** What looks at it found, since it was first looked at while in use. */
  quiet: Quiet | null = null
  /** Begin of the hold whose holder was collected as garbage; `null` where none was. */
  goneMs: number | null = null
  /** Captured stack of the code that holds it, formatted when first reported. */
  stack: object | readonly string[] | null = null
  /** Of those who use it at this moment the longest and the latest; `null` where nobody does, or only one can. */
  oldest: Stay | null = null
  newest: Stay | null = null
  readonly connection: object

  constructor(connection: object, nowMs: number) {
    this.connection = connection
    this.sinceMs = nowMs
  }
}

/** One caller's use of a connection that several use at a time. */
export type Stay = {
  readonly sinceMs: number
  readonly stack: object | null
  /** It still goes on. */
  on: boolean
  /** Its neighbours among the stays of a connection. A list, as the first of a set that is used as a queue is slow to find. */
  before: Stay | null
  after: Stay | null
}

/** One more caller uses a connection that others may use as well. */
export function join(slot: Slot, sinceMs: number, stack: object | null): Stay {
  const stay: Stay = { sinceMs, stack, on: true, before: slot.newest, after: null }
  if (slot.newest === null) slot.oldest = stay
  else slot.newest.after = stay
  slot.newest = stay
  return stay
}

/** A caller is done: takes its stay out of the line. */
export function leave(slot: Slot, stay: Stay): void {
  const { before, after } = stay
  if (before !== null) before.after = after
  else slot.oldest = after
  if (after !== null) after.before = before
  else slot.newest = before
  // Nothing is kept by what is over.
  stay.before = null
  stay.after = null
  stay.on = false
}
