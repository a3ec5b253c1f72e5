import { holdRule } from '../../test/claims.ts'
import { serverWindow } from '../../test/windows.ts'
import { serverBusy } from './server-busy.ts'

const active = (count: number | null) =>
  serverWindow({ connections: { active: count, idle: 0, idleInTransaction: 0, other: 0, total: 80 } })

holdRule(serverBusy, [
  ['is silent at 60 %', active(60), 'ok'],
  ['warns above 60 %', active(61), 'warn'],
  ['still warns at 51 %, once it warned', active(51), 'warn', 'warn'],
  ['clears at half', active(50), 'ok', 'warn'],
  ['cannot tell when states may not be read', active(null), 'unknown'],
  ['cannot tell while it is not sampled', serverWindow({ state: 'unreachable' }), 'unknown'],
])
