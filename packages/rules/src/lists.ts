/** One item of a list that a reviewer goes through, and how it is answered by watching. */
export type ListItem = { id: string; section: string; text: string } & (
  | /** Passes when each of these rules finds nothing. */ { rules: readonly string[] }
  | /** Passes when each of these rules can judge at all, whatever it finds. */ {
      watchedBy: readonly string[]
    }
  | /** Cannot be answered by watching, and why. */ { reason: string }
)

const TESTS = 'Tests are run elsewhere; what a test does to a pool can be watched here while it runs.'

/** What a team should have done about its connections. */
export const CHECKLIST: readonly ListItem[] = [
  { id: 'pool-configured', section: 'Configuration', text: 'A pool is used', rules: ['churn', 'no-probe'] },
  {
    id: 'max-fits',
    section: 'Configuration',
    text: 'The largest size fits the load',
    rules: ['exhaustion', 'waiters', 'wait', 'utilization', 'idle-above-half', 'oversized-pool', 'budget'],
  },
  { id: 'min-set', section: 'Configuration', text: 'A quarter of max is kept ready', rules: ['pool-min'] },
  {
    id: 'acquire-timeout',
    section: 'Configuration',
    text: 'Waiting for a connection has a limit',
    rules: ['no-acquire-timeout'],
  },
  {
    id: 'idle-timeout',
    section: 'Configuration',
    text: 'Idle connections are closed in time',
    rules: ['no-idle-timeout', 'timeout-ladder'],
  },
  {
    id: 'released',
    section: 'Application',
    text: 'Every connection is given back',
    rules: ['leak', 'leak-slope', 'stuck'],
  },
  {
    id: 'scripts-release',
    section: 'Application',
    text: 'Long work does not keep a connection',
    rules: ['leak', 'held-during-io', 'idle-in-transaction'],
  },
  {
    id: 'scoped-use',
    section: 'Application',
    text: 'Connections are used in a block that releases them',
    reason:
      'How code is written is not seen from its pool; where a block is missing, the rule on leaks names the line.',
  },
  {
    id: 'errors-handled',
    section: 'Application',
    text: 'Broken connections are dealt with',
    rules: ['errors', 'errors-after-failover'],
  },
  {
    id: 'retries',
    section: 'Application',
    text: 'What fails for a moment is retried, and with pauses',
    rules: ['retry-storm', 'errors-after-failover'],
  },
  { id: 'metrics', section: 'Monitoring', text: 'The pool is measured', rules: ['no-probe', 'reports-lost'] },
  {
    id: 'exhaustion-alert',
    section: 'Monitoring',
    text: 'Somebody is told when it is exhausted',
    watchedBy: ['exhaustion'],
  },
  { id: 'leak-alert', section: 'Monitoring', text: 'Somebody is told when it leaks', watchedBy: ['leak'] },
  {
    id: 'active-tracked',
    section: 'Monitoring',
    text: 'Connections in use are tracked',
    watchedBy: ['utilization'],
  },
  { id: 'waits-tracked', section: 'Monitoring', text: 'Waits are tracked', watchedBy: ['wait'] },
  { id: 'server-max', section: 'Database', text: 'The server has a limit', watchedBy: ['server-near-limit'] },
  {
    id: 'server-timeouts',
    section: 'Database',
    text: 'Time-outs of server and pool stand in order',
    rules: ['timeout-ladder'],
  },
  {
    id: 'statement-timeout',
    section: 'Database',
    text: 'Statements have a limit',
    rules: ['no-statement-timeout'],
  },
  {
    id: 'limits',
    section: 'Database',
    text: 'Users or databases have limits of their own',
    rules: ['limits-unset', 'limits-near'],
  },
  { id: 'load-test', section: 'Testing', text: 'The pool was tested under load', reason: TESTS },
  { id: 'leak-test', section: 'Testing', text: 'It was tested for leaks', reason: TESTS },
  { id: 'failover-test', section: 'Testing', text: 'A failover was tried', reason: TESTS },
  {
    id: 'config-test',
    section: 'Testing',
    text: 'The settings of the database were tested with the application',
    reason: TESTS,
  },
]

/** What goes wrong most often. */
export const ANTI_PATTERNS: readonly ListItem[] = [
  {
    id: 'no-pooling',
    section: 'Anti-patterns',
    text: 'No pooling: a connection for every request',
    rules: ['churn'],
  },
  {
    id: 'leaks',
    section: 'Anti-patterns',
    text: 'Connections are not given back',
    rules: ['leak', 'leak-slope'],
  },
  {
    id: 'wrong-size',
    section: 'Anti-patterns',
    text: 'A pool of the wrong size',
    rules: ['exhaustion', 'idle-above-half', 'oversized-pool', 'budget'],
  },
  {
    id: 'no-connection-timeout',
    section: 'Anti-patterns',
    text: 'No limit on waiting for a connection',
    rules: ['no-acquire-timeout'],
  },
  {
    id: 'no-statement-timeout',
    section: 'Anti-patterns',
    text: 'No limit on statements',
    rules: ['no-statement-timeout'],
  },
  {
    id: 'no-pooler',
    section: 'Anti-patterns',
    text: 'Many instances without a pooler',
    rules: ['pooler-helps'],
  },
  {
    id: 'held-during-io',
    section: 'Anti-patterns',
    text: 'Connections kept during other work',
    rules: ['held-during-io'],
  },
  {
    id: 'no-monitoring',
    section: 'Anti-patterns',
    text: 'Nobody watches the pool',
    rules: ['no-probe', 'reports-lost'],
  },
]

/** What a reviewer asks. */
export const REVIEW_QUESTIONS: readonly ListItem[] = [
  { id: 'is-pooled', section: 'Review', text: 'Is there a pool?', rules: ['churn', 'no-probe'] },
  {
    id: 'always-released',
    section: 'Review',
    text: 'Does every connection come back, whatever happens?',
    rules: ['leak', 'leak-slope', 'stuck'],
  },
  {
    id: 'size-fits',
    section: 'Review',
    text: 'Does its size fit the work?',
    rules: ['exhaustion', 'waiters', 'wait', 'utilization', 'idle-above-half', 'oversized-pool', 'budget'],
  },
  {
    id: 'timeouts-set',
    section: 'Review',
    text: 'Do waits and statements have limits?',
    rules: ['no-acquire-timeout', 'no-statement-timeout'],
  },
  { id: 'pooler', section: 'Review', text: 'Would a pooler save connections?', rules: ['pooler-helps'] },
  {
    id: 'released-for-io',
    section: 'Review',
    text: 'Are connections given back during other work?',
    rules: ['held-during-io', 'idle-in-transaction'],
  },
  {
    id: 'is-monitored',
    section: 'Review',
    text: 'Is the health of the pool watched?',
    rules: ['no-probe', 'reports-lost'],
  },
  {
    id: 'errors-logged',
    section: 'Review',
    text: 'Are connection errors handled?',
    rules: ['errors', 'errors-after-failover'],
  },
]
