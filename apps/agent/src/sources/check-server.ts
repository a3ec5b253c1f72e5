import type { ServerTarget } from '../config/config.ts'
import type { CheckItem } from './check.ts'
import { createEngine } from './create-source.ts'
import type { Failure } from './failure.ts'

/** What a look at one server found. */
export type ServerCheck = { version: string | null; failure: Failure | null; items: CheckItem[] }

/** Connects once, as a source would, and says what may be read. Never rejects. */
export async function checkServer(target: ServerTarget, signal: AbortSignal): Promise<ServerCheck> {
  const engine = createEngine(target, { now: Date.now, random: Math.random })
  try {
    const session = await engine.open(signal)
    try {
      const { version, sampleFailure } = await session.sample([]).then(
        (sample) => ({ version: sample.version, sampleFailure: null }),
        (error: unknown) => ({ version: null, sampleFailure: engine.describe(error) }),
      )
      if (sampleFailure !== null) return { version, failure: sampleFailure, items: [] }
      return { version, failure: null, items: await session.check() }
    } finally {
      await session.close()
    }
  } catch (error) {
    return { version: null, failure: engine.describe(error), items: [] }
  }
}
