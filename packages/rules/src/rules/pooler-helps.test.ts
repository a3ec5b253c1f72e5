import { holdRule } from '../../test/claims.ts'
import { group, serverWindow } from '../../test/windows.ts'
import { poolerHelps } from './pooler-helps.ts'

const fleet = (instances: number, idle: number | null, total: number) =>
  serverWindow(
    { connections: { active: 1, idle, idleInTransaction: 0, other: 0, total } },
    { groups: [group({ instances })] },
  )

holdRule(poolerHelps, [
  ['speaks of many instances that mostly idle', fleet(10, 72, 80), 'warn'],
  ['is silent with nine instances', fleet(9, 72, 80), 'ok'],
  ['is silent when 70 % idle', fleet(10, 56, 80), 'ok'],
  ['is silent when they take 40 % of the server', fleet(10, 38, 40), 'ok'],
  ['cannot tell when states may not be read', fleet(10, null, 80), 'unknown'],
  ['cannot tell while it is not sampled', serverWindow({ state: 'unreachable' }), 'unknown'],
])
