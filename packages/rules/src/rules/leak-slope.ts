import { isClientPool, known, unmeasured } from '../pools.ts'
import { fact, found, groupRule, ok, unknown } from '../rule.ts'
import { duration } from '../words.ts'

const WINDOWS = 4

/** The floor of use rises while the work does not: connections are lost one by one. */
export const leakSlope = groupRule({
  id: 'leak-slope',
  title: 'Use creeps up',
  severity: 'warn',
  use: 'alert',
  about:
    'The least in use of each quarter of an hour has risen four times in a row, while the work stayed the same.',
  settings: { windowMs: 900_000, flatRatio: 0.2, warnForMs: 0 },
  symptomOf: ['leak'],
  applies: isClientPool,
  evaluate(window, { windowMs, flatRatio }) {
    const blind = unmeasured(window)
    if (blind !== null) return blind
    const { day } = window
    const steps = Math.max(1, Math.round(windowMs / day.stepMs))
    const needed = steps * WINDOWS
    const inUse = known(day, 'inUseMin', needed)
    const work = known(day, 'checkoutsPerSec', needed)
    if (inUse.length < needed || work.length < needed) {
      return unknown(`It takes ${duration(windowMs * WINDOWS)} of reports to see a floor that rises.`)
    }
    const floors = Array.from({ length: WINDOWS }, (_, i) =>
      Math.min(...inUse.slice(i * steps, (i + 1) * steps)),
    )
    const rises = floors.every((floor, i) => i === 0 || floor > (floors[i - 1] as number))
    const [first, last] = [mean(work.slice(0, steps)), mean(work.slice(-steps))]
    const flat = last <= first * (1 + flatRatio)
    if (!rises || !flat)
      return ok('The floor of use does not creep up.', fact('floor', floors.at(-1) as number))
    return found(
      'warn',
      `At least ${floors.join(', then ')} connections were in use in each of the last quarters of an hour, with no more work.`,
      [
        fact('floor', floors.at(-1) as number),
        fact('floor an hour ago', floors[0] as number),
        fact('checkouts', last, 'perSec'),
        fact('max', window.group.max),
      ],
      'Look for connections that are never given back; the holders are listed with the code that took them.',
      window.holders,
    )
  },
})

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
