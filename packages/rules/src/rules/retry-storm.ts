import { isClientPool, known, quantile, unmeasured } from '../pools.ts'
import { fact, found, groupRule, ok, unknown } from '../rule.ts'
import { percent, perSec } from '../words.ts'

const HOUR_MS = 3_600_000

/** Callers that fail come again at once, and add to what made them fail. */
export const retryStorm = groupRule({
  id: 'retry-storm',
  title: 'Retry storm',
  severity: 'critical',
  use: 'alert',
  about: 'Far more callers ask than in the last hour, and many of them fail: retries without a pause.',
  settings: { failedRatio: 0.2, timesUsual: 2, criticalForMs: 15_000 },
  symptomOf: ['server-lost', 'leak', 'lock-blocked'],
  applies: isClientPool,
  evaluate(window, settings) {
    const blind = unmeasured(window)
    if (blind !== null) return blind
    const { checkoutsPerSec, timeoutsPerSec, errorsPerSec } = window.group
    if (checkoutsPerSec === null || timeoutsPerSec === null || errorsPerSec === null) {
      return unknown('How many ask and fail is not known yet.')
    }
    const failed = timeoutsPerSec + errorsPerSec
    const asked = checkoutsPerSec + failed
    if (failed === 0) return ok('Nobody fails.')
    const { day } = window
    const usual = quantile(known(day, 'attemptsPerSec', Math.round(HOUR_MS / day.stepMs)), 0.5)
    if (usual === null || usual === 0) return unknown('How many usually ask is not known yet.')
    const share = failed / asked
    const times = asked / usual
    if (share < settings.failedRatio || times < settings.timesUsual)
      return ok('No more callers ask than usual.')
    return found(
      'critical',
      `${times.toFixed(1)} times as many callers ask as usual (${perSec(asked)}), and ${percent(share)} of them fail.`,
      [fact('ask', asked, 'perSec'), fact('usually ask', usual, 'perSec'), fact('fail', share, 'ratio')],
      'Retry at most twice, with pauses that double and are random, only what is safe to repeat; stop after a share of failures.',
    )
  },
})
