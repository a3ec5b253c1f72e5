import type { PoolSettings, ReplayMessage } from './replay-job.ts'

type Messages = AsyncGenerator<ReplayMessage, void, void>

/** A replay that is begun before it is asked for, and rests once it has its first answer. */
export type Foreseen = {
  pools: PoolSettings
  /** What it has to tell up to then. */
  first: Promise<ReplayMessage[]>
  /** And from then on. */
  rest: Messages
}

/** Begins a replay under settings that will be asked for, as it seems. */
export function foresee(pools: PoolSettings, messages: Messages): Foreseen {
  const first = untilAnswered(messages)
  // Whoever asks begins anew.
  first.catch(() => {})
  return { pools, first, rest: messages }
}

async function untilAnswered(messages: Messages): Promise<ReplayMessage[]> {
  const told: ReplayMessage[] = []
  for (;;) {
    const next = await messages.next()
    if (next.done === true) return told
    told.push(next.value)
    if (next.value.kind === 'prediction') return told
  }
}

/** What was foreseen, where just that is asked for; else it is ended, and null. Null as well where it failed. */
export async function takeForeseen(
  foreseen: Foreseen | null,
  pools: PoolSettings,
): Promise<{ first: ReplayMessage[]; rest: Messages } | null> {
  if (foreseen === null) return null
  const { first, rest } = foreseen
  if (keyOf(foreseen.pools) === keyOf(pools)) {
    try {
      return { first: await first, rest }
    } catch {
      return null
    }
  }
  void rest.return()
  return null
}

function keyOf(pools: PoolSettings): string {
  return JSON.stringify([...pools])
}
