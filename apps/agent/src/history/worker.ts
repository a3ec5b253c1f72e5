import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { columnBody, seriesBody } from './answers.ts'
import { copyRange } from './archive.ts'
import { ChunkStore } from './chunk-store.ts'
import { HistoryError, historyError } from './database.ts'
import type { HistoryBody, SeriesOf } from './history-store.ts'
import { salvage, setAside } from './set-aside.ts'
import type { FromWorker, ToWorker, WorkerFacts, WorkerStart } from './worker-messages.ts'

/** Queries that are read at the same time; each holds the chunks of one series. */
const AT_ONCE = 2
/** A query lets ticks in after this long. */
const SLICE_MS = 4
/** One transaction for the chunks of several ticks costs less than one each. */
const HOUSEKEEP_TICKS = 10
/** A directory that cannot be used is tried again so often. */
const RETRY_MS = 5000

/** A disk that breaks one file after the other is not written to for ever. */
const MOST_REPAIRS = 3
/** Calls are counted from 1. */
const NO_CALL = 0

type Call = Extract<ToWorker, { type: 'call' }>

/** Owns the store on its thread: ticks as they come, queries in slices between them. */
class StoreThread {
  readonly #start: WorkerStart
  readonly #send: (message: FromWorker, moved?: ArrayBuffer[]) => void
  #store: ChunkStore | null = null
  #failure: string | null = null
  #triedMs = 0
  #repairs = 0
  #ticks = 0
  #lastFacts: WorkerFacts | null = null
  #series: readonly SeriesOf[] = []
  /** Calls without an answer yet, and those of them that nobody waits for any more. */
  #asked = new Set<number>()
  #cancelled = new Set<number>()
  #waiting: Call[] = []
  #running = 0

  constructor(start: WorkerStart, send: (message: FromWorker, moved?: ArrayBuffer[]) => void) {
    this.#start = start
    this.#send = send
    this.#open()
    send({ type: 'opened', failure: this.#failure, facts: this.#facts() })
  }

  take(message: ToWorker): void {
    if (message.type === 'series') this.#series = message.series
    else if (message.type === 'tick') this.#tick(message.atMs, message.values)
    else if (message.type === 'cancel') {
      if (this.#asked.has(message.call)) this.#cancelled.add(message.call)
    } else if (message.type === 'call') {
      this.#asked.add(message.call)
      this.#waiting.push(message)
      void this.#next()
    }
  }

  close(): void {
    this.#store?.close()
    this.#store = null
  }

  #tick(atMs: number, values: Float64Array): void {
    if (this.#store === null && performance.now() - this.#triedMs > RETRY_MS) this.#open()
    if (this.#store !== null) {
      this.#failure = this.#failureOf(() => {
        this.#store?.append({ atMs, series: this.#series, values })
      })
      this.#ticks += 1
      // The tick is kept whether or not older ones can be packed now; that is tried again.
      if (this.#ticks % HOUSEKEEP_TICKS === 0) this.#failureOf(() => this.#store?.housekeep())
    }
    this.#send({ type: 'tick', failure: this.#failure, facts: this.#facts() })
  }

  #open(): void {
    this.#triedMs = performance.now()
    this.#failure = this.#failureOf(() => {
      this.#store = new ChunkStore(this.#start)
    })
    // A new file was begun in the place of a broken one.
    if (this.#store !== null) this.#failure = null
  }

  /** Runs something; a file that proves to be broken makes way for a new one. @returns why it failed */
  #failureOf(work: () => void): string | null {
    try {
      work()
      return null
    } catch (error) {
      const { code, message } = historyError(error)
      if (code === 'corrupt') this.#repair()
      return message
    }
  }

  /** Begins a new file beside the broken one, and takes over what can be read of that one. */
  #repair(): void {
    if (this.#repairs >= MOST_REPAIRS) return
    this.#repairs += 1
    this.close()
    try {
      const name = setAside(this.#start.dir, Date.now())
      const store = new ChunkStore(this.#start)
      this.#store = store
      void this.#takeOver(name, store)
    } catch {
      // The directory cannot be used: that is said by the next attempt to open it.
    }
  }

  async #takeOver(name: string, store: ChunkStore): Promise<void> {
    const begun = `The file of the history was broken and is kept in ${name}; a new one was begun`
    try {
      const salvaged = await this.#inSlices(salvage(join(this.#start.dir, name), store), NO_CALL)
      if (salvaged === null) return
      const { rows, unreadable } = salvaged
      const lost = unreadable === 0 ? '' : `, and ${unreadable} pieces could not be read`
      this.#send({ type: 'repaired', message: `${begun}: ${rows} rows were taken over${lost}.` })
    } catch (error) {
      this.#send({ type: 'repaired', message: `${begun}. ${historyError(error).message}` })
    }
  }

  #facts(): WorkerFacts | null {
    if (this.#store === null) this.#lastFacts = null
    else if (this.#lastFacts === null || this.#ticks % HOUSEKEEP_TICKS === 0)
      this.#lastFacts = this.#store.facts()
    return this.#lastFacts
  }

  async #next(): Promise<void> {
    if (this.#running >= AT_ONCE) return
    const call = this.#waiting.shift()
    if (call === undefined) return
    this.#running += 1
    try {
      const value = await this.#answer(call)
      if (!this.#cancelled.has(call.call))
        this.#send({ type: 'answer', call: call.call, value }, movedOf(value))
    } catch (error) {
      const message = this.#failureOf(() => {
        throw error
      })
      this.#send({ type: 'failed', call: call.call, message: message as string })
    }
    this.#asked.delete(call.call)
    this.#cancelled.delete(call.call)
    this.#running -= 1
    void this.#next()
  }

  async #answer(call: Call): Promise<unknown> {
    const store = this.#store
    if (store === null) throw new HistoryError('unusable', this.#failure ?? 'The history is closed.')
    switch (call.name) {
      case 'series': {
        const [kind, id, query, recent] = call.args
        const range = await this.#inSlices(store.reader.readSeries(kind, id, query), call.call)
        return range === null ? null : seriesBody(range, recent, query)
      }
      case 'column': {
        const [kind, column, query, recents] = call.args
        const range = await this.#inSlices(store.reader.readColumn(kind, column, query), call.call)
        return range === null ? null : columnBody(range, column, recents, query)
      }
      case 'at':
        return this.#inSlices(store.reader.readAt(Math.floor(call.args[0] / 1000)), call.call)
      case 'copyTo':
        await this.#inSlices(copyRange(store, ...call.args), call.call)
        return null
      case 'putRecord':
        store.records.put(...call.args)
        return null
      case 'records':
        return store.records.range(...call.args)
    }
  }

  async #inSlices<T>(work: Generator<void, T>, call: number): Promise<T | null> {
    let sinceMs = performance.now()
    for (;;) {
      const step = work.next()
      if (step.done === true) return step.value
      if (performance.now() - sinceMs < SLICE_MS) continue
      await nextTurn()
      if (this.#cancelled.has(call) || this.#store === null) return null
      sinceMs = performance.now()
    }
  }
}

/** The bytes of an answer change threads without being copied. */
function movedOf(value: unknown): ArrayBuffer[] {
  const json = (value as Partial<HistoryBody> | null)?.json
  return json?.buffer instanceof ArrayBuffer ? [json.buffer] : []
}

const port = parentPort
if (port !== null) {
  const thread = new StoreThread(workerData as WorkerStart, (message, moved) =>
    port.postMessage(message, moved),
  )
  port.on('message', (message: ToWorker) => {
    if (message.type !== 'close') return thread.take(message)
    thread.close()
    port.close()
  })
}
