import type { Grid } from './aggregate.ts'
import type { Level } from './tiers.ts'

/** Steps that people can read off an axis, seconds. */
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400]

/** A range as it was asked for. */
export type Asked = { fromMs: number; toMs: number; points: number }

/**
 * The grid that answers a range: the finest step that gives at most `points` rows and that the store still has so long
 * ago. Steps begin at whole multiples since the epoch, so that the same range gives the same rows again.
 * @param levels finest first
 * @param nowSec what is older than a level keeps is counted from here
 */
export function gridOf({ fromMs, toMs, points }: Asked, levels: readonly Level[], nowSec: number): Grid {
  const fromSec = Math.floor(fromMs / 1000)
  const toSec = Math.floor(toMs / 1000)
  const finest = levels.find(({ keepSec }) => nowSec - fromSec <= keepSec) ?? levels.at(-1)
  const least = finest?.stepSec ?? 1
  const rowsAt = (step: number) => Math.floor(toSec / step) - Math.floor(fromSec / step) + 1
  const fits = (step: number) => step % least === 0 && rowsAt(step) <= points
  let stepSec = STEPS.find(fits)
  for (let day = 2; stepSec === undefined; day += day) {
    // Tiers of unusual steps, and ranges of years.
    const step = Math.ceil((day * 86_400) / least) * least
    if (fits(step)) stepSec = step
  }
  return { fromSec: Math.floor(fromSec / stepSec) * stepSec, stepSec, rows: rowsAt(stepSec) }
}

/** The coarsest level that a grid can be made of. */
export function levelFor(grid: Grid, levels: readonly Level[]): number {
  const fitting = levels.filter(({ stepSec }) => grid.stepSec % stepSec === 0)
  return fitting.at(-1)?.level ?? 0
}
