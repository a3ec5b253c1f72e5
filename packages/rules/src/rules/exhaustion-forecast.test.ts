import { holdRule } from '../../test/claims.ts'
import { series, serverWindow } from '../../test/windows.ts'
import { exhaustionForecast } from './exhaustion-forecast.ts'

const at = (total: number) => ({
  connections: { active: 0, idle: total, idleInTransaction: 0, other: 0, total },
})
const grows = (perStep: number, now: number) =>
  serverWindow(at(now), {
    day: series({ total: Array.from({ length: 12 }, (_, i) => now - (11 - i) * perStep) }),
  })
const jumps = () =>
  serverWindow(at(90), { day: series({ total: [50, 90, 50, 90, 50, 90, 50, 90, 50, 90, 50, 90] }) })

holdRule(exhaustionForecast, [
  // From 56 to 78 in steps of two each five minutes: 24 an hour, and 22 are left, which last for 55 minutes.
  ['warns when the line meets the limit within an hour', grows(2, 78), 'warn'],
  // 12 an hour, and 22 are left: 110 minutes.
  ['is silent when there is more time', grows(1, 78), 'ok'],
  ['is silent below half of the limit', grows(4, 49), 'ok'],
  ['is silent when it shrinks', grows(-2, 78), 'ok', 'warn'],
  ['is silent when the numbers lie on no line', jumps(), 'ok'],
  [
    'cannot tell before an hour has passed',
    serverWindow({}, { day: series({ total: [1, 2, 3] }) }),
    'unknown',
  ],
  ['cannot tell without a limit', serverWindow({ maxConnections: null }), 'unknown'],
  ['cannot tell while it is not sampled', serverWindow({ state: 'unreachable' }), 'unknown'],
])
