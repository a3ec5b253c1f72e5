import { fresh, isClientPool, unmeasured } from '../pools.ts'
import { fact, found, groupRule, unknown } from '../rule.ts'
import { percent } from '../words.ts'

/** How much the pool keeps ready, against a quarter of its limit. */
export const poolMin = groupRule({
  id: 'pool-min',
  title: 'Connections kept ready',
  severity: 'info',
  use: 'advice',
  about:
    'How many connections the pool keeps open, against a quarter of its max; none means that the first callers after a quiet time wait for new ones.',
  settings: { leastRatio: 0.1 },
  symptomOf: [],
  applies: isClientPool,
  evaluate(window, { leastRatio }) {
    const blind = unmeasured(window)
    if (blind !== null) return blind
    const ratios = fresh(window).flatMap(({ min, max }) =>
      min === null || max === null || max === 0 ? [] : min / max,
    )
    if (ratios.length === 0) return unknown('How many connections the pool keeps open is not known.')
    const least = Math.min(...ratios)
    return found(
      least < leastRatio || least > 1 ? 'warn' : 'ok',
      `The pool keeps ${percent(least)} of its limit open.`,
      [fact('min / max', least, 'ratio'), fact('min', window.group.min), fact('max', window.group.max)],
      'Keep about a quarter of max open, as long as the sum over all instances stays below half of what the server allows.',
    )
  },
})
