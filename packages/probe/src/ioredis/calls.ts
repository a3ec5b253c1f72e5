import type { SharedMeter } from '../core/shared-meter.ts'
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
  /** Its neighbours among those that were written. */
  written = false
  before: Call | null = null
  after: Call | null = null

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
  readonly #meter: SharedMeter
  /** Of those that were written and have no reply, in the order in which the server answers, the first and the last. */
  #first: Call | null = null
  #last: Call | null = null
  #blocker: Call | null = null

  constructor(meter: SharedMeter) {
    this.#meter = meter
  }

  /** It waits, in the offline queue or behind a command that blocks. */
  wait(call: Call): void {
    this.#ask(call)
    this.#meter.queued(0)
  }

  write(call: Call): void {
    if (!call.written) this.#append(call)
    if (this.#blocker === null) this.#begin(call)
    else this.wait(call)
  }

  /** Its reply came, or nothing will. */
  finish(call: Call): void {
    this.#remove(call)
    if (call.ticket !== null) this.#meter.withdrew(call.ticket)
    this.#leave(call)
    call.ticket = null
    if (this.#blocker === call) this.#unblock()
  }

  /** Its caller got an error that is no reply of the server. A command that was written stays on its way all the same. */
  giveUp(call: Call, timedOut: boolean): void {
    if (call.gaveUp) return
    if (!call.begun) this.#ask(call)
    call.gaveUp = true
    if (call.ticket !== null) this.#meter.failed(call.ticket, timedOut)
    else this.#meter.lost(timedOut)
    call.ticket = null
  }

  /** The connection is gone. Commands that are to be sent again wait for the next one. */
  drop(): void {
    this.#blocker = null
    while (this.#first !== null) this.again(this.#first)
  }

  /** A command that was written is to be sent again. */
  again(call: Call): void {
    this.#remove(call)
    this.#leave(call)
    call.begun = false
    this.#ask(call)
    if (this.#blocker === call) this.#unblock()
  }

  #begin(call: Call): void {
    call.begun = true
    if (call.blocking) this.#blocker = call
    if (call.gaveUp) return
    if (this.slot === null) this.#ask(call)
    else if (call.ticket === null) call.stay = this.#meter.joinedAtOnce(this.slot, call.stack)
    else {
      call.stay = this.#meter.joined(call.ticket, this.slot)
      call.ticket = null
    }
  }

  /** Counts it among those that wait, unless it is. */
  #ask(call: Call): void {
    if (call.ticket === null && !call.gaveUp) call.ticket = this.#meter.asked(call.stack)
  }

  #append(call: Call): void {
    call.written = true
    call.before = this.#last
    if (this.#last === null) this.#first = call
    else this.#last.after = call
    this.#last = call
  }

  #remove(call: Call): void {
    if (!call.written) return
    const { before, after } = call
    if (before === null) this.#first = after
    else before.after = after
    if (after === null) this.#last = before
    else after.before = before
    call.written = false
    call.before = null
    call.after = null
  }

  #leave(call: Call): void {
    if (call.stay !== null && this.slot !== null) this.#meter.left(this.slot, call.stay)
    call.stay = null
  }

  #unblock(): void {
    this.#blocker = null
    for (let call = this.#first; call !== null && this.#blocker === null; call = call.after) {
      if (!call.begun) this.#begin(call)
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
