import type { Detail, DetailGroup } from '@poolscope/protocol'
import { cleanName } from './clean-name.ts'
import type { ClientList } from './redis-clients.ts'
import { numberOf, type RedisCounter, type RedisInfo, type RedisRates } from './redis-info.ts'

/** What the details are made of; null or empty where it may not be read. */
export type RedisFacts = {
  info: RedisInfo
  rates: RedisRates
  list: ClientList | null
  /** CLUSTER INFO; null where this is no cluster. */
  cluster: RedisInfo | null
  settings: ReadonlyMap<string, string>
}

/** Settings that decide how long a client stays and what it may take. */
const SETTINGS: Record<string, { unit: Detail['unit']; scale: number; note: string }> = {
  timeout: {
    unit: 'ms',
    scale: 1000,
    note: 'A client that idles longer is cut off; 0 never. Pools should close first.',
  },
  'tcp-keepalive': {
    unit: 'ms',
    scale: 1000,
    note: 'Silence before the server asks whether a client is still there; 0 never.',
  },
  'maxmemory-clients': {
    unit: 'bytes',
    scale: 1,
    note: 'All clients together may take so much; beyond it the largest are cut off. 0 is no limit.',
  },
  'client-output-buffer-limit': {
    unit: 'text',
    scale: 1,
    note: 'A client that reads slower than this is cut off: hard limit, soft limit and its seconds, by kind.',
  },
  'slowlog-log-slower-than': {
    unit: 'ms',
    scale: 0.001,
    note: 'Commands that run longer stand in the slow log; below 0 none do.',
  },
  'slowlog-max-len': { unit: 'count', scale: 1, note: 'Commands that the slow log keeps.' },
}

/** The settings that are asked for, `maxclients` also for versions whose INFO does not tell it. */
export const SETTING_NAMES: readonly string[] = ['maxclients', ...Object.keys(SETTINGS)]

/** Numbers that only a Redis has. */
export function redisDetails(facts: RedisFacts): DetailGroup[] {
  const groups = [clients(facts), work(facts), memory(facts), replication(facts)]
  if (facts.cluster !== null) groups.push(cluster(facts.cluster))
  const read = settings(facts.settings)
  return read.length === 0 ? groups : [...groups, { title: 'Settings', details: read }]
}

function clients({ info, rates, list }: RedisFacts): DetailGroup {
  const limits = sum(
    rates.perSec('client_query_buffer_limit_disconnections'),
    rates.perSec('client_output_buffer_limit_disconnections'),
  )
  return {
    title: 'Clients',
    details: [
      detail(
        'blocked',
        numberOf(info, 'blocked_clients'),
        'count',
        'They wait in a command such as BLPOP or XREAD.',
      ),
      rate(
        rates,
        'connected',
        'total_connections_received',
        'New connections; many mean that a pool does not keep its own.',
      ),
      rate(rates, 'rejected', 'rejected_connections', 'Turned away because maxclients was reached.'),
      rate(
        rates,
        'evicted',
        'evicted_clients',
        'Cut off because all together took more than maxmemory-clients.',
      ),
      detail(
        'cut off at a buffer limit',
        limits,
        'perSec',
        'They sent too much at once, or read too slowly.',
      ),
      detail(
        'tracking',
        numberOf(info, 'tracking_clients'),
        'count',
        'They keep a cache that the server invalidates.',
      ),
      detail('subscribed', list?.subscribed ?? null, 'count', 'They listen to channels, and count as idle.'),
      detail(
        'monitors',
        list?.monitors ?? null,
        'count',
        'Each gets a copy of every command and slows the server.',
      ),
      detail(
        'memory of clients',
        list?.memoryBytes ?? null,
        'bytes',
        'Buffers and state of all connections.',
      ),
      detail(
        'largest output buffer',
        numberOf(info, 'client_recent_max_output_buffer'),
        'bytes',
        'Of the clients of late: one that does not read fills it.',
      ),
    ],
  }
}

function work({ info, rates }: RedisFacts): DetailGroup {
  const hits = rates.perSec('keyspace_hits')
  const reads = sum(hits, rates.perSec('keyspace_misses'))
  return {
    title: 'Work',
    details: [
      detail(
        'commands',
        numberOf(info, 'instantaneous_ops_per_sec'),
        'perSec',
        'Of late, as the server counts it.',
      ),
      rate(rates, 'errors', 'total_error_replies', 'Commands that were answered with an error.'),
      detail(
        'hit ratio',
        hits === null || !reads ? null : hits / reads,
        'ratio',
        'Of reads since the last sample.',
      ),
      rate(rates, 'evicted keys', 'evicted_keys', 'Thrown out for want of memory.'),
      rate(rates, 'expired keys', 'expired_keys', 'Their time was over.'),
      rate(rates, 'received', 'total_net_input_bytes', 'Bytes from clients.'),
      rate(rates, 'sent', 'total_net_output_bytes', 'Bytes to clients.'),
    ],
  }
}

function memory({ info }: RedisFacts): DetailGroup {
  const used = numberOf(info, 'used_memory')
  const max = numberOf(info, 'maxmemory')
  const ratio = used === null || max === null || max === 0 ? null : used / max
  return {
    title: 'Memory',
    details: [
      detail('used_memory', used, 'bytes', 'Keys, buffers and overhead.'),
      detail('maxmemory', max, 'bytes', 'Beyond it keys are evicted or writes refused; 0 is no limit.'),
      detail('used of maxmemory', ratio, 'ratio', 'Not known without a limit.'),
      detail(
        'maxmemory_policy',
        word(info, 'maxmemory_policy'),
        'text',
        'What goes when it is full; noeviction refuses writes.',
      ),
      detail('used_memory_rss', numberOf(info, 'used_memory_rss'), 'bytes', 'What the system has given.'),
      detail(
        'mem_fragmentation_ratio',
        numberOf(info, 'mem_fragmentation_ratio'),
        'count',
        'Given to used; below 1 it swaps.',
      ),
    ],
  }
}

function replication({ info }: RedisFacts): DetailGroup {
  const primary = info.get('role') === 'master'
  const details = [
    detail('role', primary ? 'primary' : 'replica', 'text', 'A replica repeats what its primary writes.'),
    detail('replicas', numberOf(info, 'connected_slaves'), 'count', 'Each takes one of maxclients.'),
  ]
  const behind = furthestBehind(info)
  if (behind !== null) {
    details.push(
      detail(
        'furthest behind',
        behind,
        'bytes',
        'Of what the primary wrote, not yet confirmed by a replica.',
      ),
    )
  }
  if (!primary) {
    const link = word(info, 'master_link_status')
    const silence = numberOf(info, 'master_last_io_seconds_ago')
    details.push(
      detail('link to the primary', link, 'text', 'While it is down, what is read may be old.'),
      detail(
        'silence of the primary',
        silence === null || silence < 0 ? null : silence * 1000,
        'ms',
        'Since it was last heard.',
      ),
    )
  }
  return { title: 'Replication', details }
}

function furthestBehind(info: RedisInfo): number | null {
  const written = numberOf(info, 'master_repl_offset')
  if (written === null) return null
  const confirmed = [...info].flatMap(([name, value]) => {
    const offset = /^slave\d+$/.test(name) ? /(?:^|,)offset=(\d+)/.exec(value)?.[1] : undefined
    return offset === undefined ? [] : [Number(offset)]
  })
  return confirmed.length === 0 ? null : Math.max(0, written - Math.min(...confirmed))
}

function cluster(info: RedisInfo): DetailGroup {
  return {
    title: 'Cluster',
    details: [
      detail(
        'cluster_state',
        word(info, 'cluster_state'),
        'text',
        'While it is fail, this node answers no application.',
      ),
      detail('cluster_known_nodes', numberOf(info, 'cluster_known_nodes'), 'count', 'Itself among them.'),
      detail('cluster_size', numberOf(info, 'cluster_size'), 'count', 'Primaries that have slots.'),
      detail('cluster_slots_ok', numberOf(info, 'cluster_slots_ok'), 'count', 'Of 16,384.'),
      detail(
        'cluster_slots_pfail',
        numberOf(info, 'cluster_slots_pfail'),
        'count',
        'On nodes that this one cannot reach.',
      ),
      detail(
        'cluster_slots_fail',
        numberOf(info, 'cluster_slots_fail'),
        'count',
        'On nodes that most agree are gone.',
      ),
      detail(
        'cluster_current_epoch',
        numberOf(info, 'cluster_current_epoch'),
        'count',
        'One more with each failover.',
      ),
    ],
  }
}

function settings(read: ReadonlyMap<string, string>): Detail[] {
  return Object.entries(SETTINGS).flatMap(([name, { unit, scale, note }]) => {
    const text = read.get(name)
    if (text === undefined) return []
    const number = text === '' ? Number.NaN : Number(text) * scale
    // A share of the memory is written as 5%.
    if (unit === 'text' || Number.isNaN(number)) return [detail(name, cleanName(text), 'text', note)]
    return [detail(name, number, unit, note)]
  })
}

function rate(rates: RedisRates, name: string, counter: RedisCounter, note: string): Detail {
  return detail(name, rates.perSec(counter), 'perSec', note)
}

function word(info: RedisInfo, name: string): string | null {
  const text = info.get(name)
  return text === undefined ? null : cleanName(text)
}

function sum(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a + b
}

function detail(name: string, value: Detail['value'], unit: Detail['unit'], note: string): Detail {
  return { name, value, unit, note }
}
