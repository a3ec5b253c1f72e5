import { sum } from '../pools.ts'
import { fact, found, ok, serverRule, unknown } from '../rule.ts'

/** Large pools before a small one: the queue is only moved. */
export const poolInPool = serverRule({
  id: 'pool-in-pool',
  title: 'Pool inside a pool',
  severity: 'info',
  use: 'advice',
  about: 'The pools of services that go through a pooler, against the pools that the pooler keeps.',
  settings: { warnTimes: 5 },
  symptomOf: [],
  applies: ({ server }) => server.system === 'pgbouncer',
  evaluate({ groups }, { warnTimes }) {
    const clients = groups.filter(({ origin }) => origin === 'probe')
    const kept = groups.filter(({ system, origin }) => system === 'pgbouncer' && origin === 'observed')
    if (clients.length === 0 || kept.length === 0)
      return unknown('No pool with a probe is known to go through this pooler.')
    const [outer, inner] = [sum(clients.map(({ max }) => max)), sum(kept.map(({ max }) => max))]
    if (outer === null || inner === null || inner === 0) return unknown('The size of a pool is not known.')
    const times = outer / inner
    const facts = [fact('client pools', outer), fact('pooler pools', inner)]
    if (times <= warnTimes) return ok('The pools on both sides of the pooler fit.', ...facts)
    return found(
      'warn',
      `The services may ask for ${outer} connections at once, and the pooler has ${inner}: the queue is in the pooler, where no time-out of the service sees it.`,
      facts,
      'Make the pools of the services smaller, so that callers wait where their own time-outs count.',
    )
  },
})
