import { stackEvery } from '../core/identity.ts'
import { type OriginOptions, Origins, originName, unnamed } from '../core/origins.ts'
import { ownMethod, quietly, replace, undoAll } from '../core/replace.ts'
import { flush, type Reporter } from '../core/reporter.ts'
import { unwatch, watchOnce } from '../core/watch-once.ts'
import { connections } from './channels.ts'
import { measuredDispatch } from './dispatch.ts'
import { OriginPool } from './origin-pool.ts'
import { type Dispatcher, isDispatcher, originOf, settingsOf } from './shape.ts'

export type { OriginOptions }
export { flush, unwatch }

/** Where every copy of `undici` in a process, and Node.js's own `fetch`, look for the dispatcher to use. */
const GLOBAL_DISPATCHER = Symbol.for('undici.globalDispatcher.1')

/**
 * Measures a `Client`, `Pool` or `Agent` of `undici` from now on and reports it to the agent once a second: the
 * connections to each place as a pool named `<name> host:port`. To be called before its first use and before its
 * `compose`: connections and requests that are there already are not seen. A second call changes nothing.
 * @returns the same dispatcher. It is left alone when it is none, or measuring is switched off. Never throws.
 * @example const pool = watch(new Pool('https://api.example.com', { connections: 20 }), { name: 'payments' })
 */
export function watch<D extends object>(dispatcher: D, options: OriginOptions = {}): D {
  watchOnce(dispatcher, unnamed(options), (reporter, onFault) =>
    isDispatcher(dispatcher) ? measure(dispatcher, options, reporter, onFault) : null,
  )
  return dispatcher
}

/**
 * Measures what `fetch` uses where it is given no dispatcher of its own. One that is set later is not seen.
 * @returns the dispatcher, to hand to {@link unwatch}; `null` where the runtime has none. Never throws.
 */
export function watchFetch(options: OriginOptions = {}): object | null {
  let dispatcher: unknown
  quietly(() => {
    // Until one of its classes is touched, Node.js has not loaded its fetch.
    if (typeof Headers === 'function') dispatcher = (globalThis as Record<symbol, unknown>)[GLOBAL_DISPATCHER]
  })
  if (typeof dispatcher !== 'object' || dispatcher === null) return null
  return watch(dispatcher, { name: 'fetch', ...options })
}

function measure(
  dispatcher: Dispatcher,
  options: OriginOptions,
  reporter: Reporter,
  onFault: () => void,
): () => void {
  const origins = new Origins<OriginPool>(reporter)
  const every = stackEvery(unnamed(options))
  const only = originOf(settingsOf(dispatcher).url)
  let last: { wanted: unknown; origin: string | null } = { wanted: undefined, origin: null }
  const poolOf = (wanted: unknown) => {
    // Requests often go where the one before went, and an address is costly to take apart.
    if (only === null && (wanted !== last.wanted || typeof wanted !== 'string'))
      last = { wanted, origin: originOf(wanted) }
    const origin = only ?? last.origin
    return origins.of(origin ?? '', (single) => {
      const place = single && origin !== null ? new URL(origin) : null
      const port = place === null || place.port === '' ? null : Number(place.port)
      const name = originName(options, 'http', place?.hostname ?? null, port)
      const to = place === null ? null : origin
      return new OriginPool(name, every, dispatcher, to, (empty) => origins.reported(origin ?? '', empty))
    })
  }
  // Its connections are reported from the start, where it has one place only.
  if (only !== null) poolOf(only)
  const ended = () => {
    for (const { meter } of origins.all()) meter.closedAll()
    unwatch(dispatcher)
  }
  const undos = [connections.use(), () => origins.end()]
  try {
    undos.push(
      replace(dispatcher, 'dispatch', measuredDispatch(ownMethod(dispatcher, 'dispatch'), poolOf, onFault)),
    )
    undos.push(replace(dispatcher, 'close', announced(dispatcher, 'close', ended)))
    undos.push(replace(dispatcher, 'destroy', announced(dispatcher, 'destroy', ended)))
  } catch (error) {
    undoAll(undos)
    throw error
  }
  return () => undoAll(undos)
}

/** A way to shut a dispatcher down. Called without a callback, the driver calls it again with one of its own. */
function announced(
  dispatcher: Dispatcher,
  key: 'close' | 'destroy',
  onEnd: () => void,
): Dispatcher['destroy'] {
  const own = ownMethod(dispatcher, key) as Dispatcher['destroy'] | undefined
  return function shutDown(this: Dispatcher, ...args: unknown[]) {
    const original = own ?? (Object.getPrototypeOf(this)[key] as Dispatcher['destroy'])
    const callback = args.at(-1)
    if (typeof callback !== 'function') return original.apply(this, args)
    const heard = (...answer: unknown[]) => {
      quietly(onEnd)
      return Reflect.apply(callback, undefined, answer)
    }
    return original.apply(this, [...args.slice(0, -1), heard])
  }
}
