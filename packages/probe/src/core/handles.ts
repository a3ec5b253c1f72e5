import type { PoolMeter } from './meter.ts'
import type { Slot } from './slot.ts'

/** On a handle: the connection that it stands for. */
const CONNECTION = Symbol('poolscope.connection')

/**
 * Hands out a stand-in for each connection, one a checkout. The pool keeps the connection itself for good, but nobody
 * keeps the stand-in but its holder: when it is collected as garbage, nobody is left to give the connection back.
 * Costs some microseconds a checkout and a call, and `handle === connection` is no longer true: for development.
 */
export class Handles {
  readonly #registry: FinalizationRegistry<{ slot: Slot; sinceMs: number }>

  constructor(meter: PoolMeter) {
    this.#registry = new FinalizationRegistry(({ slot, sinceMs }) => meter.gone(slot, sinceMs))
  }

  /** The stand-in for a connection that was just handed out. */
  give<T extends object>(connection: T, slot: Slot): T {
    const handle = standIn(connection)
    this.#registry.register(handle, { slot, sinceMs: slot.sinceMs })
    return handle
  }
}

/** The connection behind a stand-in, and each other thing itself. */
export function connectionOf<T extends object>(thing: T): T {
  return (thing as { [CONNECTION]?: T })[CONNECTION] ?? thing
}

/** A function that does the same, and is one more reason to keep a handle. */
export function keeping(handle: object, act: unknown): unknown {
  if (typeof act !== 'function') return act
  return function release(this: unknown, ...args: unknown[]): unknown {
    void handle
    return Reflect.apply(act, this, args)
  }
}

function standIn<T extends object>(connection: T): T {
  return new Proxy(connection, {
    get(target, key, handle) {
      if (key === CONNECTION) return target
      const value: unknown = Reflect.get(target, key, target)
      return typeof value === 'function' && isMethod(key) ? methodOf(value, target, handle) : value
    },
    set: (target, key, value) => Reflect.set(target, key, value, target),
  })
}

/** Classes and inner functions are left as they are. */
function isMethod(key: string | symbol): boolean {
  return typeof key === 'string' && key !== 'constructor' && !/^[_A-Z]/.test(key)
}

/**
 * A method, called on the connection itself, so that nothing of the driver comes to keep the handle. Whoever keeps the
 * method, keeps the handle.
 */
// biome-ignore lint/complexity/noBannedTypes: what a property holds that is a function
function methodOf(method: Function, connection: object, handle: object): unknown {
  return (...args: unknown[]) => {
    const result: unknown = Reflect.apply(method, connection, args)
    return result === connection ? handle : result
  }
}
