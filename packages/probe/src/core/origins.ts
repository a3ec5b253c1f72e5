import { poolName, type WatchOptions } from './identity.ts'
import type { PoolMeter } from './meter.ts'
import type { Reporter } from './reporter.ts'

/** Pools that one client may have; further places share a pool. More would crowd out other pools of the process. */
const MOST_POOLS = 100
/** Reports in which a pool had nothing, after which it is taken to be gone: five minutes. */
const QUIET_REPORTS = 300

/** As {@link WatchOptions}, for a client that has a pool for each place. */
export type OriginOptions = Omit<WatchOptions, 'name'> & {
  /** Before the place in the names of its pools, as in `payments api.example.com:443`; or what names each pool. */
  name?: string | ((host: string, port: number | null) => string)
}

/** The same but for a name that is no text. */
export function unnamed(options: OriginOptions): WatchOptions {
  const { name, ...others } = options
  return typeof name === 'string' ? { ...others, name } : others
}

/** The name of the pool for a place; that which further places share has no host. */
export function originName(
  options: OriginOptions,
  fallback: string,
  host: string | null,
  port: number | null,
): string {
  const { name } = options
  if (typeof name === 'function') {
    return poolName({ name: host === null ? `${fallback} others` : name(host, port) }, fallback)
  }
  const place = host === null ? 'others' : port === null ? host : `${host}:${port}`
  return `${poolName(unnamed(options), fallback)} ${place}`.slice(0, 200)
}

/** The pools of a client that keeps one for each place it leads to, by the client's own key of the place. */
export class Origins<P extends { readonly meter: PoolMeter }> {
  readonly #pools = new Map<string, P>()
  readonly #quiet = new Map<P, number>()
  readonly #reporter: Reporter
  #rest: P | null = null

  constructor(reporter: Reporter) {
    this.#reporter = reporter
  }

  /** @param make makes the pool; `false` asks for the one that all further places share */
  of(key: string, make: (single: boolean) => P): P {
    const known = this.#pools.get(key)
    if (known !== undefined) return known
    if (this.#pools.size < MOST_POOLS) return this.#add(key, make(true))
    if (this.#rest === null) {
      this.#rest = make(false)
      this.#reporter.add(this.#rest.meter)
    }
    return this.#rest
  }

  #add(key: string, pool: P): P {
    this.#pools.set(key, pool)
    this.#reporter.add(pool.meter)
    return pool
  }

  /**
   * To be called at each report of a pool. One in which nothing has been for long is reported once more, as ended: a
   * client that calls ever new places must not gather pools.
   * @param empty whether it has no connection and no caller
   */
  reported(key: string, empty: boolean): void {
    const pool = this.#pools.get(key)
    if (pool === undefined) return
    const reports = empty ? (this.#quiet.get(pool) ?? 0) + 1 : 0
    this.#quiet.set(pool, reports)
    if (reports < QUIET_REPORTS) return
    pool.meter.ended = true
    this.#pools.delete(key)
    this.#quiet.delete(pool)
  }

  all(): P[] {
    return this.#rest === null ? [...this.#pools.values()] : [...this.#pools.values(), this.#rest]
  }

  /** Reports of all of them that no more follows. */
  end(): void {
    for (const { meter } of this.all()) this.#reporter.end(meter)
    this.#pools.clear()
    this.#quiet.clear()
    this.#rest = null
  }
}
