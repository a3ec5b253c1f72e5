import { bucketMiddle, type SparseHistogram } from '@poolscope/protocol'

/** Upper bounds in seconds, those that OpenTelemetry advises for connection times. */
export const EXPOSITION_BOUNDS_SEC = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10] as const

/** Durations since the pool was first seen, in the coarse buckets of the Prometheus exposition. */
export class ExpositionHistogram {
  /** Not cumulative; the last one is above the highest bound. */
  readonly counts: number[] = Array(EXPOSITION_BOUNDS_SEC.length + 1).fill(0)
  sumSec = 0

  /** Takes in the counts of one report. */
  add(part: SparseHistogram): void {
    this.sumSec += part.sumMs / 1000
    for (let i = 0; i + 1 < part.buckets.length; i += 2) {
      const seconds = bucketMiddle(part.buckets[i] as number) / 1000
      const at = EXPOSITION_BOUNDS_SEC.findIndex((bound) => seconds <= bound)
      const index = at === -1 ? EXPOSITION_BOUNDS_SEC.length : at
      this.counts[index] = (this.counts[index] as number) + (part.buckets[i + 1] as number)
    }
  }
}
