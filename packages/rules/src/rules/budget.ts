import { fact, found, ok, serverRule, unknown } from '../rule.ts'
import { usable } from '../servers.ts'

/** All pools together may open more than the server allows. */
export const budget = serverRule({
  id: 'budget',
  title: 'Pools exceed the server',
  severity: 'warn',
  use: 'alert',
  about:
    'The sum of max over all pools that lead to a server, and the sum of what they keep open, against what it allows.',
  settings: { minRatio: 0.5, warnForMs: 60_000 },
  symptomOf: [],
  applies: ({ server }) => server.system !== 'http' && server.system !== 'grpc',
  evaluate({ server, groups }, { minRatio }) {
    const limit = usable(server)
    const { maxSum, count } = server.pools
    if (count === 0) return unknown('No pool with a probe leads here.')
    if (limit === null || maxSum === null)
      return unknown('The limit of the server or of a pool is not known.')
    const facts = [fact('sum of max', maxSum), fact('usable', limit), fact('pools', count)]
    if (maxSum > limit) {
      return found(
        'warn',
        `${count} pools may open ${maxSum} connections together, and the server allows ${limit}.`,
        facts,
        'Lower max where it is not used, so that the sum fits even while old and new instances run side by side; or put a pooler between.',
      )
    }
    const mins = groups.filter(({ origin }) => origin === 'probe').map(({ min }) => min)
    const minSum = mins.reduce<number>((sum, min) => sum + (min === null ? 0 : min), 0)
    if (minSum > limit * minRatio) {
      return found(
        'warn',
        `The pools keep ${minSum} connections open at all times, more than half of the ${limit} that the server allows.`,
        [...facts, fact('sum of min', minSum)],
        'Lower min: instances multiply it.',
      )
    }
    return ok(`All pools together may open ${maxSum} of ${limit}.`, ...facts)
  },
})
