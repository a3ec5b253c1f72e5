import { fact, found, ok, serverRule, unknown } from '../rule.ts'
import { silent, usable } from '../servers.ts'
import { trendOf } from '../trend.ts'
import { duration } from '../words.ts'

/** If it goes on like this, the server will be full soon. */
export const exhaustionForecast = serverRule({
  id: 'exhaustion-forecast',
  title: 'Will be full soon',
  severity: 'warn',
  use: 'alert',
  about:
    'A straight line through the connections of the last hour, where they lie on one, meets the limit of the server soon.',
  settings: { overMs: 3_600_000, soonMs: 3_600_000, fitRatio: 0.8, fromRatio: 0.5, warnForMs: 300_000 },
  symptomOf: ['server-near-limit', 'leak', 'leak-slope'],
  applies: () => true,
  evaluate({ server, day }, settings) {
    const why = silent(server)
    if (why !== null) return unknown(why)
    const limit = usable(server)
    const { total } = server.connections
    if (limit === null || total === null) return unknown('Its limit is not known.')
    const trend = trendOf(day, 'total', Math.round(settings.overMs / day.stepMs))
    if (trend === null) return unknown(`It takes ${duration(settings.overMs)} of samples to see a trend.`)
    const { perStep, fit } = trend
    if (total < limit * settings.fromRatio || perStep <= 0 || fit < settings.fitRatio) {
      return ok('Nothing points to the limit.', fact('taken', total), fact('usable', limit))
    }
    const inMs = ((limit - total) / perStep) * day.stepMs
    const perHour = (perStep * 3_600_000) / day.stepMs
    const facts = [
      fact('full in', inMs, 'ms'),
      fact('grows each hour', perHour),
      fact('taken', total),
      fact('usable', limit),
    ]
    if (inMs > settings.soonMs) return ok('It grows, but the limit is far.', ...facts)
    return found(
      'warn',
      `Grows by ${Math.round(perHour)} connections an hour and will be full in ${duration(inMs)}.`,
      facts,
      'See which service grows: a leak, more instances, or more load.',
    )
  },
})
