import { quietly } from '../core/replace.ts'
import { captureStack } from '../core/stack.ts'

type Class = new (...args: unknown[]) => object

/**
 * A class that is the same but for one thing: what is made of it is seen, of its subclasses too.
 * @param onMade called with each new object, and with the captured stack of the code that made it
 */
export function seenClass(Class: Class, onMade: (made: object, stack: object | null) => void): Class {
  const seen: Class = new Proxy(Class, {
    construct: function construct(target, args, newTarget) {
      const made = Reflect.construct(target, args, newTarget === seen ? target : newTarget) as object
      quietly(() => onMade(made, captureStack(construct)))
      return made
    },
  })
  return seen
}

export function isClass(value: unknown): value is Class {
  return typeof value === 'function'
}
