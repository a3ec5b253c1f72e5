import type { PoolMeter } from '../core/meter.ts'
import type { Slot, Stay } from '../core/slot.ts'
import type { RedisCommand } from './shape.ts'

/** One command, from being asked for to its reply. */
export class Call {
  /** It waits for the connection; `null` once it has it, or its caller gave up. */
  ticket: number | null = null
  /** It has the connection. */
  stay: Stay | null = null
  /** Its turn on the connection came, whether or not its caller still waits for it. */
  begun = false
  /** Its caller was told something else than the reply. */
  gaveUp = false
  /** The server answers nothing that comes after it on this connection until it is done. */
  readonly blocking: boolean
  readonly stack: object | null

  constructor(blocking: boolean, stack: object | null) {
    this.blocking = blocking
    this.stack = stack
  }
}

/**
 * The commands of one connection. All that were written have the connection at the same time, as the server takes
 * them in turn without being asked again; only behind a command that blocks do they wait.
 */
export class Calls {
  /** The open connection. */
  slot: Slot | null = null
  readonly #meter: PoolMeter
  /** Written and without a reply, in the order in which the server answers. */
  readonly #written = new Set<Call>()
  #blocker: Call | null = null

  constructor(meter: PoolMeter) {
    this.#meter = meter
  }

  ask(call: Call): void {
    call.ticket = this.#meter.asked(call.stack)
  }

  /** It stays in the offline queue. */
  queued(): void {
    this.#meter.queued(0)
  }

  write(call: Call): void {
    this.#written.add(call)
    if (this.#blocker === null) this.#begin(call)
    else this.#meter.queued(0)
  }

  /** Its reply came, or nothing will. */
  finish(call: Call): void {
    this.#written.delete(call)
    if (call.ticket !== null) this.#meter.withdrew(call.ticket)
    this.#leave(call)
    call.ticket = null
    if (this.#blocker === call) this.#unblock()
  }

  /** Its caller got an error that is no reply of the server. A command that was written stays on its way all the same. */
  giveUp(call: Call, timedOut: boolean): void {
    if (call.gaveUp) return
    call.gaveUp = true
    if (call.ticket !== null) this.#meter.failed(call.ticket, timedOut)
    else this.#meter.lost(timedOut)
    call.ticket = null
  }

  isWritten(call: Call): boolean {
    return this.#written.has(call)
  }

  /** The connection is gone. Commands that are to be sent again wait for the next one. */
  drop(): void {
    const written = [...this.#written]
    this.#written.clear()
    this.#blocker = null
    for (const call of written) this.again(call)
  }

  /** A command that was written is to be sent again. */
  again(call: Call): void {
    this.#written.delete(call)
    this.#leave(call)
    call.begun = false
    if (call.ticket === null && !call.gaveUp) this.ask(call)
    if (this.#blocker === call) this.#unblock()
  }

  #begin(call: Call): void {
    call.begun = true
    if (call.blocking) this.#blocker = call
    if (call.ticket === null || this.slot === null) return
    call.stay = this.#meter.joined(call.ticket, this.slot)
    call.ticket = null
  }

  #leave(call: Call): void {
    if (call.stay !== null && this.slot !== null) this.#meter.left(this.slot, call.stay)
    call.stay = null
  }

  #unblock(): void {
    this.#blocker = null
    for (const call of this.#written) {
      if (!call.begun) this.#begin(call)
      if (this.#blocker !== null) return
    }
  }
}

const BLOCKING = new Set([
  'blpop',
  'brpop',
  'brpoplpush',
  'blmove',
  'blmpop',
  'bzpopmin',
  'bzpopmax',
  'bzmpop',
  'wait',
  'waitaof',
])
/** Commands that block where they say so. */
const BLOCKING_ON_REQUEST = new Set(['xread', 'xreadgroup'])

const BLOCKING_INITIALS = new Set(Array.from('bBwWxX', (initial) => initial.charCodeAt(0)))

/** Whether a command may keep the server from answering what comes after it on its connection. */
export function isBlocking(command: RedisCommand): boolean {
  // Most commands begin otherwise than any that blocks, and need no text made for them.
  if (!BLOCKING_INITIALS.has(String(command.name).charCodeAt(0))) return false
  const name = String(command.name).toLowerCase()
  if (BLOCKING.has(name)) return true
  if (!BLOCKING_ON_REQUEST.has(name)) return false
  return command.args.some((arg) => String(arg).toUpperCase() === 'BLOCK')
}
