/** What INFO says: texts by name. Names differ between versions: what is missing is not known. */
export type RedisInfo = ReadonlyMap<string, string>

/** Reads INFO, or CLUSTER INFO, which has the same form. */
export function parseInfo(text: string): RedisInfo {
  return new Map(
    text.split(/\r?\n/).flatMap((line): [string, string][] => {
      const at = line.indexOf(':')
      return line.startsWith('#') || at === -1 ? [] : [[line.slice(0, at), line.slice(at + 1)]]
    }),
  )
}

/** A number; null where it is missing or none. */
export function numberOf(info: RedisInfo, name: string): number | null {
  const text = info.get(name)
  return text === undefined || text === '' || !Number.isFinite(Number(text)) ? null : Number(text)
}

/** Counters of INFO that only go up, told as rates. */
const COUNTERS = [
  'total_connections_received',
  'rejected_connections',
  'total_commands_processed',
  'total_error_replies',
  'keyspace_hits',
  'keyspace_misses',
  'expired_keys',
  'evicted_keys',
  'evicted_clients',
  'client_query_buffer_limit_disconnections',
  'client_output_buffer_limit_disconnections',
  'total_net_input_bytes',
  'total_net_output_bytes',
] as const

/** A counter that {@link RedisRates} tells as a rate. */
export type RedisCounter = (typeof COUNTERS)[number]

/** Keeps the last reading of the counters, and tells what happened since. */
export class RedisRates {
  #last: { elapsedMs: number; counts: Map<RedisCounter, number> } | null = null
  #perSec = new Map<RedisCounter, number>()

  /** Takes a reading. A counter that went down was reset, and has no rate this time. */
  take(info: RedisInfo, elapsedMs: number): void {
    const counts = new Map<RedisCounter, number>()
    const perSec = new Map<RedisCounter, number>()
    const last = this.#last
    for (const name of COUNTERS) {
      const count = numberOf(info, name)
      if (count === null) continue
      counts.set(name, count)
      const before = last?.counts.get(name)
      if (last === null || before === undefined || count < before || elapsedMs <= last.elapsedMs) continue
      perSec.set(name, ((count - before) / (elapsedMs - last.elapsedMs)) * 1000)
    }
    this.#last = { elapsedMs, counts }
    this.#perSec = perSec
  }

  /** Events a second between the last two readings; null before the second one. */
  perSec(name: RedisCounter): number | null {
    return this.#perSec.get(name) ?? null
  }
}
