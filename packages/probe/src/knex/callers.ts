import { ownMethod, quietly, replace, undoAll } from '../core/replace.ts'
import { captureStack } from '../core/stack.ts'

type Make = (...args: unknown[]) => object
type Act = (...args: unknown[]) => unknown

/** The part of Knex's client that makes what will ask the pool for a connection. */
type KnexClient = Record<'queryBuilder' | 'schemaBuilder' | 'raw' | 'transaction' | 'runner', Make>

/**
 * Remembers which code a query or a transaction is from. Knex asks for a connection when the query is awaited, and by
 * then JavaScript has forgotten who made it: so the stack is captured when it is made, and taken up when it asks.
 */
export class Callers {
  readonly #next: () => boolean
  readonly #stacks = new WeakMap<object, object>()
  readonly #undos: (() => void)[] = []
  /** A query or a transaction is asking the pool at this very moment. */
  #asking: object | null = null

  /** @param next decides for each query or transaction whether its stack is captured */
  constructor(next: () => boolean) {
    this.#next = next
  }

  /**
   * Follows a client of Knex.
   * @throws TypeError when it does not let itself be changed
   */
  follow(client: object): void {
    if (!isKnexClient(client)) return
    for (const key of ['queryBuilder', 'schemaBuilder', 'raw'] as const) {
      this.#wrap(client, key, (made, stack) => {
        if (stack !== null) this.#stacks.set(made, stack)
      })
    }
    this.#wrap(client, 'transaction', (made, stack) => {
      if (stack !== null) this.#stacks.set(made, stack)
      this.#announce(made, 'acquireConnection', made)
    })
    const own = ownMethod(client, 'runner')
    const announce = (runner: object, builder: unknown) => this.#announce(runner, 'run', builder as object)
    this.#undos.push(
      replace(client, 'runner', function runner(this: KnexClient, ...args) {
        const made = (own ?? (Object.getPrototypeOf(this) as KnexClient).runner).apply(this, args)
        quietly(() => announce(made, args[0]))
        return made
      }),
    )
  }

  /**
   * The stack of the query or transaction that asks at this moment: `null` where it was not captured, `undefined` where
   * none asks.
   */
  get stack(): object | null | undefined {
    return this.#asking === null ? undefined : (this.#stacks.get(this.#asking) ?? null)
  }

  undo(): void {
    undoAll(this.#undos)
  }

  #wrap(
    client: KnexClient,
    key: keyof KnexClient,
    onMade: (made: object, stack: object | null) => void,
  ): void {
    const own = ownMethod(client, key)
    const next = this.#next
    const wrapped = function (this: KnexClient, ...args: unknown[]): object {
      const made = (own ?? (Object.getPrototypeOf(this) as KnexClient)[key]).apply(this, args)
      quietly(() => onMade(made, next() ? captureStack(wrapped) : null))
      return made
    }
    this.#undos.push(replace(client, key, wrapped))
  }

  /** Says, while a method of this one object runs, on whose behalf: it asks the pool before it first waits. */
  #announce<Key extends string>(thing: object, key: Key, asking: object): void {
    const { [key]: original } = thing as Record<Key, unknown>
    if (typeof original !== 'function') return
    const act: Act = (...args) => {
      const before = this.#asking
      this.#asking = asking
      try {
        return original.apply(thing, args)
      } finally {
        this.#asking = before
      }
    }
    Object.defineProperty(thing, key, { value: act, configurable: true, writable: true })
  }
}

function isKnexClient(client: object): client is KnexClient {
  const it = client as Partial<Record<keyof KnexClient, unknown>>
  return [it.queryBuilder, it.schemaBuilder, it.raw, it.transaction, it.runner].every(
    (part) => typeof part === 'function',
  )
}
