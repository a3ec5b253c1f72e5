/**
 * Puts another value in place of one of an object's properties, without showing it to those who list them.
 * @returns how to put back what was there
 * @throws TypeError when the object does not let itself be changed
 */
export function replace<T extends object, K extends keyof T>(thing: T, key: K, ours: T[K]): () => void {
  const before = Object.getOwnPropertyDescriptor(thing, key)
  const enumerable = before?.enumerable ?? false
  Object.defineProperty(thing, key, { value: ours, writable: true, configurable: true, enumerable })
  return () => {
    // Someone patched on top of us: taking ours away would take theirs too.
    if (thing[key] !== ours) return
    if (before === undefined) delete (thing as Partial<T>)[key]
    else Object.defineProperty(thing, key, before)
  }
}

/**
 * The method that an object itself has instead of its class's; `undefined` where it has none, and the class's is to be
 * looked up at each call, so that an instrumentation that patches the class later still sees the calls.
 */
export function ownMethod<T extends object, K extends keyof T>(thing: T, key: K): T[K] | undefined {
  return Object.hasOwn(thing, key) ? thing[key] : undefined
}

/** Undoes steps in reverse order; one that fails does not keep the others. */
export function undoAll(steps: (() => void)[]): void {
  for (const step of steps.splice(0).reverse()) quietly(step)
}

/** Calls, and keeps from the host what is thrown. */
export function quietly(act: () => void): void {
  try {
    act()
  } catch {
    // The host must not notice.
  }
}
