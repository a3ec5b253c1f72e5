import { ownMethod, quietly, replace, undoAll } from '../core/replace.ts'
import { captureStack } from '../core/stack.ts'
import type { SequelizeInstance, SequelizeManager } from './shape.ts'

/** On the options of a query: the stack of the code that made it. Sequelize hands them on to where it asks the pool. */
const STACK: unique symbol = Symbol('poolscope.stack')

type Options = { transaction?: unknown; [STACK]?: object | null }

/**
 * Remembers which code a query is from. By the time that Sequelize asks its pool, JavaScript has forgotten who made the
 * query: so the stack is captured when it is made, and taken up when it asks.
 */
export class Callers {
  readonly #next: () => boolean
  readonly #undos: (() => void)[] = []
  #asking: object | undefined

  /** @param next decides for each query whether its stack is captured */
  constructor(next: () => boolean) {
    this.#next = next
  }

  /** The stack of the query that asks at this moment; `undefined` where none does that was captured. */
  get stack(): object | undefined {
    return this.#asking
  }

  /** Follows an instance. @throws TypeError when it does not let itself be changed */
  follow(sequelize: SequelizeInstance): void {
    try {
      this.#undos.push(replace(sequelize, 'query', this.#measuredQuery(sequelize)))
      const manager = sequelize.connectionManager
      this.#undos.push(replace(manager, 'getConnection', this.#measuredAsking(manager)))
    } catch (error) {
      this.undo()
      throw error
    }
  }

  undo(): void {
    undoAll(this.#undos)
  }

  #measuredQuery(sequelize: SequelizeInstance): SequelizeInstance['query'] {
    const own = ownMethod(sequelize, 'query')
    const next = this.#next
    return function query(this: SequelizeInstance, sql: unknown, options?: Options, ...more: unknown[]) {
      const original = own ?? (Object.getPrototypeOf(this) as SequelizeInstance).query
      let given = options
      quietly(() => {
        // Within a transaction the pool is not asked.
        if (options?.transaction || options?.[STACK] !== undefined || !next()) return
        given = { ...options, [STACK]: captureStack(query) }
      })
      return original.call(this, sql, given, ...more)
    }
  }

  #measuredAsking(manager: SequelizeManager): SequelizeManager['getConnection'] {
    const own = ownMethod(manager, 'getConnection')
    const announced = (thing: object, stack: object) => this.#announced(thing as SequelizeManager, stack)
    return function getConnection(this: SequelizeManager, options?: Options) {
      // Not of `this`, which may be a stand-in whose prototype is the manager.
      const original = own ?? (Object.getPrototypeOf(manager) as SequelizeManager).getConnection
      const stack = options?.[STACK] ?? null
      // Before it knows the server's version it writes to itself.
      const known = this.sequelize?.options?.databaseVersion
      return original.call(stack === null || !known ? this : announced(this, stack), options)
    }
  }

  /** A manager that is the same, but that what it asks of its pool is asked on behalf of the code of a stack. */
  #announced(manager: SequelizeManager, stack: object): SequelizeManager {
    const { pool } = manager
    const acquire = (...args: unknown[]) => {
      this.#asking = stack
      try {
        return pool.acquire(...args)
      } finally {
        this.#asking = undefined
      }
    }
    return Object.create(manager, { pool: { value: { acquire } } })
  }
}
