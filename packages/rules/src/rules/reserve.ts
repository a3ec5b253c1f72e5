import { fact, found, serverRule, unknown } from '../rule.ts'
import { percent } from '../words.ts'

/** What is left for people, migrations and monitors when every pool is full. */
export const reserve = serverRule({
  id: 'reserve',
  title: 'Little reserve',
  severity: 'info',
  use: 'advice',
  about:
    'What is left of the limit of the server when every pool is full; 10 to 20 % are for people, migrations and monitors.',
  settings: { warnRatio: 0.1 },
  symptomOf: [],
  applies: ({ server }) => server.system !== 'http' && server.system !== 'grpc',
  evaluate({ server }, { warnRatio }) {
    const { maxConnections, pools } = server
    if (maxConnections === null || pools.maxSum === null || pools.count === 0) {
      return unknown('The limit of the server or of its pools is not known.')
    }
    const left = (maxConnections - pools.maxSum) / maxConnections
    return found(
      left < warnRatio ? 'warn' : 'ok',
      left < 0
        ? 'Nothing is left when every pool is full.'
        : `${percent(left)} of the limit is left when every pool is full.`,
      [fact('left', left, 'ratio'), fact('sum of max', pools.maxSum), fact('limit', maxConnections)],
      'Plan pools for 80 to 90 % of the limit.',
    )
  },
})
