import { eventually } from './eventually.ts'

/** What a source says, as far as its contract goes. */
export type ContractUpdate = {
  state: string
  error: { code: string; message: string } | null
  sample: {
    connections: {
      active: number | null
      idle: number | null
      idleInTransaction: number | null
      other: number | null
      total: number | null
    }
    sessions: { pid: number; application: string; state: string }[]
    maxConnections: number | null
  } | null
}

/** A source, as far as its contract goes. */
export type ContractSource = {
  readonly address: string
  readonly id: string
  start(onUpdate: (update: ContractUpdate) => void): void
  stop(): Promise<void>
}

/** A started source and everything that it said. */
export class WatchedSource {
  readonly source: ContractSource
  readonly updates: ContractUpdate[] = []

  constructor(source: ContractSource) {
    this.source = source
    source.start((update) => this.updates.push(update))
  }

  /** The first update from now on that fits. @throws Error after the time-out, with the last update */
  async until(fits: (update: ContractUpdate) => boolean, timeoutMs = 45_000): Promise<ContractUpdate> {
    const from = this.updates.length
    return eventually(
      () => {
        const found = this.updates.slice(from).find(fits)
        if (found === undefined) throw new Error(`last: ${JSON.stringify(this.updates.at(-1)).slice(0, 400)}`)
        return found
      },
      { timeoutMs },
    )
  }

  /** The next sample. */
  async sample(): Promise<NonNullable<ContractUpdate['sample']>> {
    const { sample } = await this.until((update) => update.sample !== null)
    if (sample === null) throw new TypeError('an update without a sample')
    return sample
  }
}
