import type { StatementCounters, StatementTotals } from './source.ts'

/** As many as Redis keeps unless it is told otherwise. */
export const SLOWLOG_LENGTH = 128
const MOST_TEXTS = 500
/** Commands whose first word says little without the second, which is one of the server's own words. */
const CONTAINERS = new Set(
  'ACL CLIENT CLUSTER COMMAND CONFIG DEBUG FUNCTION LATENCY MEMORY MODULE OBJECT PUBSUB SCRIPT SLOWLOG XGROUP XINFO'.split(
    ' ',
  ),
)
/** What a command may be called; a server can be told to call one anything, even a secret. */
const WORD = /^[A-Za-z][A-Za-z._|-]{0,31}$/

type Counted = { calls: number; totalMs: number; maxMs: number }

/**
 * Adds up the slow log: each entry once, from the first reading on. What fell out of the log between two readings was
 * not seen, so that calls are a lower bound.
 */
export class RedisSlowlog {
  #runId: string | null = null
  #lastId = -1
  #counted = new Map<string, Counted>()

  /** Takes the answer to SLOWLOG GET. @param runId of the server's process: another one counts anew */
  take(reply: unknown, runId: string): StatementTotals {
    const entries = Array.isArray(reply) ? reply.flatMap(readEntry) : []
    const first = this.#runId === null
    if (this.#runId !== runId) {
      this.#counted = new Map()
      this.#lastId = -1
      this.#runId = runId
    }
    for (const { id, ms, text } of entries) {
      // What was slow before anybody watched has its time in no window.
      if (!first && id > this.#lastId) this.#count(text, ms)
    }
    this.#lastId = Math.max(this.#lastId, ...entries.map(({ id }) => id))
    const statements = [...this.#counted].map(
      ([text, { calls, totalMs, maxMs }]): StatementCounters => ({
        id: text,
        text,
        user: null,
        database: null,
        calls,
        totalMs,
        rows: null,
        maxMs,
        p95Ms: null,
      }),
    )
    return { source: 'slowlog', epoch: runId, complete: true, statements }
  }

  #count(text: string, ms: number): void {
    const counted = this.#counted.get(text)
    if (counted !== undefined) {
      counted.calls += 1
      counted.totalMs += ms
      counted.maxMs = Math.max(counted.maxMs, ms)
    } else if (this.#counted.size < MOST_TEXTS) {
      this.#counted.set(text, { calls: 1, totalMs: ms, maxMs: ms })
    }
  }
}

/** An entry is its id, its time, its microseconds and its words, and what does not matter here. */
function readEntry(entry: unknown): { id: number; ms: number; text: string }[] {
  if (!Array.isArray(entry)) return []
  const [id, , microseconds, words] = entry
  if (typeof id !== 'number' || typeof microseconds !== 'number' || !Array.isArray(words)) return []
  return [{ id, ms: microseconds / 1000, text: commandText(words.map(String)) }]
}

/**
 * A command without keys and values.
 * @example commandText(['get', 'user:17']) // 'GET ?'
 */
export function commandText(words: readonly string[]): string {
  const [first = '', second] = words
  if (!WORD.test(first)) return '?'
  const name = first.toUpperCase()
  if (second === undefined) return name
  if (!CONTAINERS.has(name) || !WORD.test(second)) return `${name} ?`
  return `${name} ${second.toUpperCase()}${words.length > 2 ? ' ?' : ''}`
}
