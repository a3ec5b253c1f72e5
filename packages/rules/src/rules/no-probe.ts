import { isClientPool } from '../pools.ts'
import { fact, found, groupRule } from '../rule.ts'

/** A pool that nobody measures. */
export const noProbe = groupRule({
  id: 'no-probe',
  title: 'Not measured',
  severity: 'info',
  use: 'advice',
  about: 'The pool is only seen from the server: its limit, its waits and its leaks are not known.',
  settings: {},
  symptomOf: [],
  applies: isClientPool,
  evaluate({ group }) {
    const measured = group.origin === 'probe'
    return found(
      measured ? 'ok' : 'warn',
      measured ? 'A probe measures this pool.' : 'No probe measures this pool; only its sessions are seen.',
      [fact('instances', group.instances)],
      'Add a probe to the service, or send reports from it: see the page on probes.',
    )
  },
})
