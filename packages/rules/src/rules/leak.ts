import type { Holder, Level } from '@poolscope/protocol'
import { siteOf, suspectedSince, suspects } from '../holders.ts'
import { isClientPool, unmeasured } from '../pools.ts'
import { fact, found, groupRule, ok, unknown } from '../rule.ts'
import { duration, many } from '../words.ts'

/** A connection that was taken and is not used: the signal is silence, not age. */
export const leak = groupRule({
  id: 'leak',
  title: 'Leak',
  severity: 'critical',
  use: 'alert',
  about:
    'A connection is held and nothing runs on it for longer than its pool ever needs; critical once it lasts, or when one place in the code holds several.',
  settings: { longMs: 30_000, warnForMs: 0, criticalMs: 300_000, criticalHolders: 2, criticalForMs: 0 },
  symptomOf: [],
  needs: ['holders'],
  applies: isClientPool,
  evaluate(window, settings) {
    const blind = unmeasured(window)
    if (blind !== null) return blind
    const suspected = suspects(window.holders)
    const [first] = suspected
    if (first === undefined) {
      const silent = window.holders.filter(
        ({ quietMs, activity, heldMs }) =>
          heldMs > settings.longMs && quietMs === null && activity === 'unknown',
      )
      return silent.length > 0
        ? unknown(
            `${many(silent.length, 'connection is', 'connections are')} held for long; whether anything runs on them is not known.`,
          )
        : ok('No connection is held without use.', fact('holders', window.holders.length))
    }
    const sites = bySite(suspected)
    const [site, atSite] = [...sites].sort((a, b) => b[1].length - a[1].length)[0] as [
      string | null,
      Holder[],
    ]
    const oldestMs = Math.max(...suspected.map((holder) => window.atMs - suspectedSince(holder)))
    const repeated = site !== null && atSite.length >= settings.criticalHolders
    const level: Level = repeated || oldestMs >= settings.criticalMs ? 'critical' : 'warn'
    const quiet = Math.max(...suspected.map(({ heldMs }) => heldMs))
    const where = site === null ? 'where it was taken is not known yet' : `taken at ${site}`
    return found(
      level,
      `${many(suspected.length, 'connection is', 'connections are')} held and not used, the longest for ${duration(quiet)}; ${where}.`,
      [
        fact('suspects', suspected.length),
        fact('longest held', quiet, 'ms'),
        fact('taken at', site, 'text'),
        fact('of one place', atSite.length),
      ],
      `Give the connection back on every path${site === null ? '' : ` after ${site}`}: release in a finally block, or let the pool run the query itself.`,
      suspected,
    )
  },
})

function bySite(holders: readonly Holder[]): Map<string | null, Holder[]> {
  const sites = new Map<string | null, Holder[]>()
  for (const holder of holders) {
    const site = siteOf(holder)
    const at = sites.get(site)
    if (at === undefined) sites.set(site, [holder])
    else at.push(holder)
  }
  // A place that is not known is no place where several come from.
  if (sites.size > 1) sites.delete(null)
  return sites
}
