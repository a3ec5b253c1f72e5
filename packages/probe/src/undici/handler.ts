import { connections } from './channels.ts'
import type { Call } from './dispatch.ts'
import type { Handler } from './shape.ts'

/** What a driver may tell a handler, none of it with more than four arguments. */
const METHODS = [
  'onConnect',
  'onHeaders',
  'onData',
  'onComplete',
  'onError',
  'onUpgrade',
  'onBodySent',
  'onRequestSent',
  'onResponseStarted',
  'onRequestStart',
  'onRequestUpgrade',
  'onResponseStart',
  'onResponseData',
  'onResponseEnd',
  'onResponseError',
] as const

type Method = (typeof METHODS)[number]
type Tell = (this: Told, a: unknown, b: unknown, c: unknown, d: unknown) => unknown
type Given = Record<Method, (a: unknown, b: unknown, c: unknown, d: unknown) => unknown>

/** Stands between a driver and a handler. What it has of methods is in the class that is made of it. */
class Told {
  readonly handler: Given
  readonly call: Call

  constructor(handler: Given, call: Call) {
    this.handler = handler
    this.call = call
  }
}

/** What is noticed of a request, by what its handler is told. */
const NOTICED: Partial<Record<Method, (call: Call, a: unknown, b: unknown) => void>> = {
  onConnect: started,
  onRequestStart: started,
  onComplete: (call) => call.done(),
  onResponseEnd: (call) => call.done(),
  onError: (call, error) => call.failed(error),
  onResponseError: (call, _controller, error) => call.failed(error),
  onUpgrade: (call) => call.upgraded(),
  onRequestUpgrade: (call) => call.upgraded(),
}

function started(call: Call): void {
  connections.starting = call
}

/** Classes by the methods that their handlers have: a bit for each of {@link METHODS}. */
const classes = new Map<number, typeof Told>()

/**
 * A handler that notices what the given one is told. It has the same methods, by which the driver knows its kind; they
 * are made once for each kind, as making them for each request would cost more than all that is measured of it.
 */
export function told(handler: Handler, call: Call): Handler {
  let kind = 0
  for (let i = 0; i < METHODS.length; i++) {
    if (typeof handler[METHODS[i] as Method] === 'function') kind |= 1 << i
  }
  const Kind = classes.get(kind) ?? classOf(kind)
  return new Kind(handler as Given, call) as unknown as Handler
}

function classOf(kind: number): typeof Told {
  class Kind extends Told {}
  METHODS.forEach((name, i) => {
    if ((kind & (1 << i)) === 0) return
    Object.defineProperty(Kind.prototype, name, { value: tell(name), enumerable: true })
  })
  classes.set(kind, Kind)
  return Kind
}

/** The class of a handler may have fields that only it itself reaches: it is told as itself. */
function tell(name: Method): Tell {
  const notice = NOTICED[name]
  if (notice === undefined) {
    return function tellOn(a, b, c, d) {
      return this.handler[name](a, b, c, d)
    }
  }
  return function noticeAndTellOn(a, b, c, d) {
    try {
      notice(this.call, a, b)
    } catch {
      // The host must not notice.
    }
    return this.handler[name](a, b, c, d)
  }
}
