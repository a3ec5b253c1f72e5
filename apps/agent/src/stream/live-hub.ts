import type { AlertCounts, Fleet as FleetAnswer, GroupMessage, ServerMessage } from '@poolscope/protocol'
import type { Fleet } from '../fleet/fleet.ts'
import type { Tick } from '../fleet/fleet-series.ts'
import { type ColumnTopic, catalogueKey, catalogueMessage, helloMessage, tickMessage } from './frames.ts'
import type { LiveClient } from './live-client.ts'

/** One greeting serves all who come within this long, such as every browser after a restart. */
const HELLO_MS = 250

type Epoch = { key: string; epoch: number; message: Buffer | null }

/** Sends each tick to every client; a topic's frame is built once and shared by all. */
export class LiveHub {
  readonly #fleet: Fleet
  readonly #agentVersion: string
  readonly #alerts: () => AlertCounts
  #clients = new Set<LiveClient>()
  #epochs: Record<ColumnTopic, Epoch> = {
    fleet: { key: '', epoch: 0, message: null },
    groups: { key: '', epoch: 0, message: null },
  }
  #hello: { atMs: number; message: Buffer } | null = null
  #sequence = 0
  /** Clients ended because they did not keep up. */
  endedTotal = 0

  /** @param alerts how many alerts there are now */
  constructor(fleet: Fleet, agentVersion: string, alerts: () => AlertCounts) {
    this.#fleet = fleet
    this.#agentVersion = agentVersion
    this.#alerts = alerts
  }

  get clients(): number {
    return this.#clients.size
  }

  /** Greets a client and keeps it until `remove`. */
  add(client: LiveClient): void {
    this.#clients.add(client)
    client.send(this.#greeting())
  }

  remove(client: LiveClient): void {
    this.#clients.delete(client)
  }

  /** Sends one tick. */
  broadcast(tick: Tick): void {
    if (this.#clients.size === 0) return
    const { fleet } = tick
    this.#sequence += 1
    const frames = new Map<string, Buffer>()
    const frameOf = (topic: string) => {
      let frame = frames.get(topic)
      if (frame === undefined) {
        frame = encode(this.#message(topic, tick))
        frames.set(topic, frame)
      }
      return frame
    }
    const fresh = new Set<ColumnTopic>()
    for (const client of this.#clients) {
      const offer = client.offer(
        () => client.topics.flatMap((topic) => this.#framesFor(client, topic, fleet, fresh, frameOf)),
        fleet.atMs,
      )
      if (offer === 'sent') continue
      this.#fleet.skippedFramesTotal += 1
      if (offer === 'ended') {
        this.endedTotal += 1
        this.#clients.delete(client)
      }
    }
  }

  /** Closes every socket, as the agent stops. */
  close(): void {
    for (const client of this.#clients) client.close(1001, 'The agent stops.')
    this.#clients.clear()
  }

  #greeting(): Buffer {
    const atMs = this.#fleet.nowMs
    if (this.#hello === null || Math.abs(atMs - this.#hello.atMs) > HELLO_MS) {
      const hello = helloMessage(this.#fleet.snapshot(), this.#alerts(), this.#agentVersion, this.#fleet)
      this.#hello = { atMs, message: encode(hello) }
    }
    return this.#hello.message
  }

  #framesFor(
    client: LiveClient,
    topic: string,
    fleet: FleetAnswer,
    fresh: Set<ColumnTopic>,
    frameOf: (topic: string) => Buffer,
  ): Buffer[] {
    if (!isColumnTopic(topic)) return [frameOf(topic)]
    if (!fresh.has(topic)) {
      this.#refreshEpoch(topic, fleet)
      fresh.add(topic)
    }
    const current = this.#epochs[topic]
    if (client.epochs.get(topic) === current.epoch) return [frameOf(topic)]
    client.epochs.set(topic, current.epoch)
    current.message ??= encode(catalogueMessage(fleet, topic, current.epoch))
    return [current.message, frameOf(topic)]
  }

  #refreshEpoch(topic: ColumnTopic, fleet: FleetAnswer): void {
    const key = catalogueKey(fleet, topic)
    const current = this.#epochs[topic]
    if (current.key !== key) this.#epochs[topic] = { key, epoch: current.epoch + 1, message: null }
  }

  #message(topic: string, tick: Tick): object {
    if (isColumnTopic(topic))
      return tickMessage(tick, this.#alerts(), topic, this.#epochs[topic].epoch, this.#sequence)
    const { fleet } = tick
    const { atMs } = fleet
    const [kind, id] = splitTopic(topic)
    if (kind === 'group') {
      const message: GroupMessage = {
        type: 'group',
        id,
        sequence: this.#sequence,
        atMs,
        group: fleet.groups.find((group) => group.id === id) ?? null,
        pools: fleet.pools.filter((pool) => pool.groupId === id),
        holders: this.#fleet.holders(id),
      }
      return message
    }
    const message: ServerMessage = {
      type: 'server',
      id,
      sequence: this.#sequence,
      atMs,
      server: fleet.servers.find((server) => server.id === id) ?? null,
      sessions: this.#fleet.sessions(id) ?? {
        atMs: null,
        total: null,
        byState: [],
        byApplication: [],
        byUser: [],
        byDatabase: [],
        sessions: [],
      },
    }
    return message
  }
}

/** True when a client may subscribe to it: `fleet`, `groups`, `group:<id>` or `server:<id>`. */
export function isTopic(topic: string): boolean {
  return isColumnTopic(topic) || /^(group|server):./.test(topic)
}

function isColumnTopic(topic: string): topic is ColumnTopic {
  return topic === 'fleet' || topic === 'groups'
}

function splitTopic(topic: string): [string, string] {
  const at = topic.indexOf(':')
  return [topic.slice(0, at), topic.slice(at + 1)]
}

function encode(message: object): Buffer {
  return Buffer.from(JSON.stringify(message))
}
