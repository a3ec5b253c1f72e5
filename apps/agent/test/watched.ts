import { eventually } from '@poolscope/testkit'
import type { ServerTarget } from '../src/config/config.ts'
import { parseServerUrl } from '../src/config/parse-server-url.ts'
import { createSource } from '../src/sources/create-source.ts'
import type { ServerSample, Source, SourceUpdate } from '../src/sources/source.ts'

/** A started source and what it said. */
export class Watched {
  readonly updates: SourceUpdate[] = []
  readonly source: Source

  constructor(url: string) {
    this.source = createSource(targetOf(url), { now: Date.now, random: Math.random })
    this.source.start((update) => this.updates.push(update))
  }

  /** The next update that fits. */
  async until(fits: (update: SourceUpdate) => boolean): Promise<SourceUpdate> {
    const from = this.updates.length
    return eventually(() => this.updates.slice(from).find(fits) ?? false, { timeoutMs: 45_000 })
  }

  /** The next update that says what is wrong with a server that answers. One that the machine kept from answering is asked again. */
  refused(): Promise<SourceUpdate> {
    return this.until(({ error }) => error !== null && error.code !== 'timeout')
  }

  /** The next sample that fits. */
  async sample(fits: (sample: ServerSample) => boolean = () => true): Promise<ServerSample> {
    const { sample } = await this.until((update) => update.sample !== null && fits(update.sample))
    return sample as ServerSample
  }
}

/** The server of a URL. */
export function targetOf(url: string): ServerTarget {
  const parsed = parseServerUrl(url, null)
  if ('problem' in parsed) throw new TypeError(parsed.problem)
  return parsed.target
}

/** The value of a detail; undefined when there is none of that name. */
export function detailOf(sample: ServerSample, group: string, name: string) {
  return sample.details.find(({ title }) => title === group)?.details.find((one) => one.name === name)?.value
}
