import { isClientPool, known, unmeasured } from '../pools.ts'
import { fact, found, groupRule, ok, unknown } from '../rule.ts'
import { duration, percent } from '../words.ts'

/** More than half of the pool is never needed. A whole day, because every pool idles at night. */
export const idleAboveHalf = groupRule({
  id: 'idle-above-half',
  title: 'Pool larger than needed',
  severity: 'info',
  use: 'advice',
  about:
    'Over a whole day, more than half of max sat idle nearly all the time, and less than half was ever in use.',
  settings: { windowMs: 86_400_000, idleRatio: 0.5, timeRatio: 0.95, peakRatio: 0.5 },
  symptomOf: [],
  applies: isClientPool,
  evaluate(window, settings) {
    const blind = unmeasured(window)
    if (blind !== null) return blind
    const { day } = window
    const rows: { idle: number; max: number; peak: number }[] = []
    for (let i = 0; i < day.length; i++) {
      const [idle, max, peak] = [day.at('idleMin', i), day.at('max', i), day.at('inUsePeak', i)]
      if (idle !== null && max !== null && max > 0 && peak !== null) rows.push({ idle, max, peak })
    }
    const coveredMs = rows.length * day.stepMs
    // Restarts and deployments leave gaps; nine tenths of a day are a day.
    if (coveredMs < settings.windowMs * 0.9) {
      return unknown(
        `It takes ${duration(settings.windowMs)} of reports to call a pool too large.`,
        fact('seen', coveredMs, 'ms'),
      )
    }
    const idle = rows.filter((row) => row.idle > row.max * settings.idleRatio).length / rows.length
    const peak = Math.max(...rows.map((row) => row.peak / row.max))
    if (idle < settings.timeRatio || peak >= settings.peakRatio) {
      return ok(
        'The size is used.',
        fact('most in use', peak, 'ratio'),
        fact('time mostly idle', idle, 'ratio'),
      )
    }
    return found(
      'warn',
      `In a day never more than ${percent(peak)} of the pool was in use, and most of it was open and idle.`,
      [
        fact('most in use', peak, 'ratio'),
        fact('time mostly idle', idle, 'ratio'),
        fact('max', Math.max(...known(day, 'max'))),
      ],
      'Lower max to what the busiest hour needs with room to spare; the calculator has the number.',
    )
  },
})
