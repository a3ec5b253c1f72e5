import type { GroupNow } from '@poolscope/protocol'
import { type Prediction, type ReplayVerdict, replayVerdict } from '@poolscope/sizing'
import { formatAge, formatCount, formatMs, formatRatio } from './format.ts'

const FORMAT = { ms: formatMs, ratio: formatRatio, count: formatCount, age: formatAge }

/** Says in words what to set by a prediction, or why it cannot tell. @param presentSize what the pool's max is now */
export function verdictOf(prediction: Prediction, presentSize: number): ReplayVerdict {
  return replayVerdict(prediction, presentSize, FORMAT)
}

/** From so many a second on a probe records no trace. */
const TOO_FAST_PER_SEC = 5000

/** Why there is nothing to replay, in one sentence; null where there is something. @param windows recorded; null where the agent has none of that pool */
export function whyNoTrace(
  group: Pick<GroupNow, 'origin' | 'checkoutsPerSec'>,
  max: number | null,
  windows: number | null,
): string | null {
  if (group.origin === 'observed' || windows === null) {
    return 'No probe measures this pool, and the session list of a server does not show who asked and waited.'
  }
  if (windows === 0) {
    return group.checkoutsPerSec !== null && group.checkoutsPerSec > TOO_FAST_PER_SEC
      ? `With ${formatCount(group.checkoutsPerSec)} checkouts a second this pool is too fast to record each of them, and a part of them says nothing about the queue.`
      : 'The probe sends no record of single checkouts: it has just begun, a report went missing, several callers share a connection, or it is a sender that records none.'
  }
  if (max === null) return 'The probe does not know the max of this pool, so its traffic cannot be replayed.'
  return null
}
