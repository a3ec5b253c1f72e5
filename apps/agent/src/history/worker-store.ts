import { Worker } from 'node:worker_threads'
import type { HistoryStoreStatus } from '@poolscope/protocol'
import { HistoryError } from './database.ts'
import type {
  HistoryStore,
  HistoryTick,
  RangeQuery,
  RecentRows,
  SeriesKind,
  SeriesOf,
} from './history-store.ts'
import type { Calls, FromWorker, ToWorker, WorkerFacts, WorkerStart } from './worker-messages.ts'

/** Ticks that the thread may be behind: a disk that stalls for longer costs history, not memory. */
const MOST_BEHIND = 60
/** How long the thread may take for its last writing when the agent stops. */
const CLOSE_MS = 5000

/** What the store tells of itself besides its status. */
export type WorkerStoreOptions = WorkerStart & {
  now: () => number
  /** Called when the store begins to fail, or works again. */
  onChange: (status: HistoryStoreStatus) => void
  /** Called when a broken file was set aside, with what became of it; a sentence for people. */
  onRepair?: (message: string) => void
}

type Waiting = { resolve: (value: unknown) => void; reject: (error: Error) => void }

/** The store on a thread of its own, so that no disk and no query holds up a live frame. */
export class WorkerStore implements HistoryStore {
  readonly #options: WorkerStoreOptions
  readonly #worker: Worker
  readonly #ended: Promise<void>
  #calls = new Map<number, Waiting>()
  #nextCall = 1
  #series: readonly SeriesOf[] | null = null
  #behind = 0
  #closing = false
  #stored = 0
  #lost = 0
  /** Time of the newest tick when one was lost last: no tick after it is. */
  #lostMs: number | null = null
  #newestMs = 0
  #failure: string | null = null
  #failingSinceMs: number | null = null
  #facts: WorkerFacts | null = null
  #repair: string | null = null

  private constructor(options: WorkerStoreOptions, opened: (value: undefined) => void) {
    this.#options = options
    const { dir, tiers, budgetBytes } = options
    const workerData: WorkerStart = { dir, tiers, budgetBytes }
    this.#worker = new Worker(workerUrl(), { workerData, execArgv: [] })
    this.#worker.on('message', (message: FromWorker) => {
      this.#take(message)
      if (message.type === 'opened') opened(undefined)
    })
    this.#worker.on('error', (error) => this.#fail(`The thread of the history ended: ${error.name}.`))
    this.#ended = new Promise((resolve) => {
      this.#worker.once('exit', () => {
        if (!this.#closing) this.#fail('The thread of the history has ended.')
        for (const { reject } of this.#calls.values())
          reject(new HistoryError('unusable', 'The agent stops.'))
        this.#calls.clear()
        opened(undefined)
        resolve()
      })
    })
  }

  /** Starts the thread, and waits until it has opened the directory or found that it cannot. */
  static open(options: WorkerStoreOptions): Promise<WorkerStore> {
    return new Promise((resolve) => {
      const store: WorkerStore = new WorkerStore(options, () => resolve(store))
    })
  }

  append({ atMs, series, values }: HistoryTick): void {
    this.#newestMs = atMs
    if (this.#behind >= MOST_BEHIND) {
      this.#lose()
      this.#fail('The disk of the history does not keep up.')
      return
    }
    if (series !== this.#series) {
      this.#series = series
      this.#post({ type: 'series', series })
    }
    this.#behind += 1
    this.#post({ type: 'tick', atMs, values })
  }

  series(
    kind: SeriesKind,
    id: string,
    query: RangeQuery,
    recent: RecentRows | undefined,
    signal: AbortSignal,
  ) {
    return this.#call('series', [kind, id, query, recent], signal)
  }

  column(
    kind: SeriesKind,
    column: string,
    query: RangeQuery,
    recents: ReadonlyMap<string, RecentRows>,
    signal: AbortSignal,
  ) {
    return this.#call('column', [kind, column, query, recents], signal)
  }

  hasAllSince(atMs: number): boolean {
    return this.#lostMs === null || this.#lostMs < atMs
  }

  async putRecord(kind: string, id: string, atMs: number, json: string): Promise<void> {
    await this.#call('putRecord', [kind, { id, atMs, json }])
  }

  records(kind: string, fromMs: number, toMs: number) {
    return this.#call('records', [kind, fromMs, toMs])
  }

  at(atMs: number) {
    return this.#call('at', [atMs])
  }

  async copyTo(dir: string, fromMs: number, toMs: number): Promise<void> {
    await this.#call('copyTo', [dir, fromMs, toMs])
  }

  status(): HistoryStoreStatus {
    const facts = this.#facts
    const isOk = this.#failure === null
    return {
      state: isOk ? 'ok' : facts === null ? 'off' : 'failing',
      message: this.#failure,
      sinceMs: this.#failingSinceMs,
      bytes: facts === null ? null : facts.bytes,
      budgetBytes: this.#options.budgetBytes,
      series: facts === null ? null : facts.series,
      repair: this.#repair,
      brokenPieces: facts === null ? null : facts.brokenPieces,
      storedTicksTotal: this.#stored,
      lostTicksTotal: this.#lost,
      tiers: this.#options.tiers.map((tier, i) => {
        const cutMs = facts?.tiers[i]?.cutMs
        return {
          ...tier,
          removedBeforeMs: cutMs === undefined || cutMs === 0 ? null : cutMs,
          bytes: facts?.tiers[i]?.bytes ?? null,
        }
      }),
    }
  }

  async close(): Promise<void> {
    this.#closing = true
    this.#post({ type: 'close' })
    const late = setTimeout(() => void this.#worker.terminate(), CLOSE_MS)
    await this.#ended
    clearTimeout(late)
  }

  #take(message: FromWorker): void {
    if (message.type === 'answer' || message.type === 'failed') {
      const waiting = this.#calls.get(message.call)
      this.#calls.delete(message.call)
      if (message.type === 'answer') waiting?.resolve(message.value)
      else waiting?.reject(new HistoryError('unusable', message.message))
      return
    }
    if (message.type === 'repaired') {
      this.#repair = message.message
      this.#options.onRepair?.(message.message)
      return
    }
    this.#facts = message.facts
    if (message.type === 'tick') {
      this.#behind -= 1
      if (message.failure === null) this.#stored += 1
      else this.#lose()
    }
    if (message.failure === null) this.#recover()
    else this.#fail(message.failure)
  }

  #lose(): void {
    this.#lost += 1
    this.#lostMs = this.#newestMs
  }

  #fail(failure: string): void {
    const isNew = this.#failure !== failure
    this.#failure = failure
    this.#failingSinceMs ??= this.#options.now()
    if (isNew) this.#options.onChange(this.status())
  }

  #recover(): void {
    if (this.#failure === null) return
    this.#failure = null
    this.#failingSinceMs = null
    this.#options.onChange(this.status())
  }

  #call<Name extends keyof Calls>(
    name: Name,
    args: Calls[Name][0],
    signal?: AbortSignal,
  ): Promise<Calls[Name][1]> {
    const call = this.#nextCall
    this.#nextCall += 1
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted()
      const cancel = () => {
        this.#calls.delete(call)
        this.#post({ type: 'cancel', call })
        reject(signal?.reason)
      }
      const settle = () => signal?.removeEventListener('abort', cancel)
      this.#calls.set(call, {
        resolve: (value) => {
          settle()
          resolve(value as Calls[Name][1])
        },
        reject: (error) => {
          settle()
          reject(error)
        },
      })
      signal?.addEventListener('abort', cancel, { once: true })
      this.#post({ type: 'call', call, name, args } as ToWorker)
    })
  }

  #post(message: ToWorker): void {
    this.#worker.postMessage(message)
  }
}

/** The thread runs what is built, also where a test runs the sources. */
function workerUrl(): URL {
  const built = import.meta.url.endsWith('.ts') ? '../../dist/history/worker.js' : './worker.js'
  return new URL(built, import.meta.url)
}
