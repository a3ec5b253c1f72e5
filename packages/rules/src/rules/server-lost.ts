import { fact, found, ok, serverRule, unknown } from '../rule.ts'
import { duration } from '../words.ts'

/** The server refuses, denies or does not answer; or the watching is blind. */
export const serverLost = serverRule({
  id: 'server-lost',
  title: 'Server not reached',
  severity: 'critical',
  use: 'alert',
  about:
    'The agent cannot sample the server: it is down, full, or lets the agent not in; a warning when samples merely stopped.',
  settings: { warnForMs: 15_000, criticalForMs: 10_000 },
  symptomOf: [],
  applies: () => true,
  evaluate({ atMs, server }) {
    if (server.state === 'connecting') return unknown('The first sample is still to come.')
    if (server.state === 'up' && !server.stale) return ok('It answers.')
    const sinceMs = server.error?.sinceMs ?? server.atMs
    const forMs = sinceMs === null ? null : Math.max(0, atMs - sinceMs)
    const facts = [
      fact('state', server.state, 'text'),
      fact('for', forMs, 'ms'),
      fact('error', server.error?.code ?? null, 'text'),
    ]
    if (server.state === 'up') {
      return found(
        'warn',
        'Samples stopped, though the connection stands.',
        facts,
        'The server may be overloaded; see whether it answers others.',
      )
    }
    // A role that may not sign in is the agent's affair, not an outage.
    const level = server.state === 'denied' ? 'warn' : 'critical'
    return found(
      level,
      `${server.error?.message ?? `It is ${server.state}.`}${forMs === null ? '' : ` For ${duration(forMs)}.`}`,
      facts,
      server.state === 'refused'
        ? 'Free connections: lower pools that hold most, and keep a slot for watching.'
        : 'See whether it runs, and what stands between it and the agent; the page on errors has each code.',
    )
  },
})
