import { bucketMiddle, HISTOGRAM, type SparseHistogram } from '@poolscope/protocol'

/** Upper bounds in seconds, those that OpenTelemetry advises for connection times. */
export const EXPOSITION_BOUNDS_SEC = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10] as const

/** For each fine bucket the coarse one that its middle falls into, worked out once. */
const COARSE = Uint8Array.from({ length: HISTOGRAM.size }, (_, bucket) => {
  const seconds = bucketMiddle(bucket) / 1000
  const at = EXPOSITION_BOUNDS_SEC.findIndex((bound) => seconds <= bound)
  return at === -1 ? EXPOSITION_BOUNDS_SEC.length : at
})

/** Durations since the pool was first seen, in the coarse buckets of the Prometheus exposition. */
export class ExpositionHistogram {
  /** Not cumulative; the last one is above the highest bound. */
  readonly counts: number[] = Array(EXPOSITION_BOUNDS_SEC.length + 1).fill(0)
  sumSec = 0

  /** Takes in the counts of one report. */
  add(part: SparseHistogram): void {
    const { buckets } = part
    const { counts } = this
    this.sumSec += part.sumMs / 1000
    for (let i = 1; i < buckets.length; i += 2) {
      const index = COARSE[buckets[i - 1] as number]
      if (index !== undefined) counts[index] = (counts[index] as number) + (buckets[i] as number)
    }
  }
}
