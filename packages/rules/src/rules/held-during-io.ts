import { spentOn } from '../holders.ts'
import { levelAbove } from '../limits.ts'
import { isSqlPool, unmeasured } from '../pools.ts'
import { fact, found, groupRule, ok, unknown } from '../rule.ts'
import { percent } from '../words.ts'

/** Callers keep connections while they do something else. */
export const heldDuringIo = groupRule({
  id: 'held-during-io',
  title: 'Held during other work',
  severity: 'warn',
  use: 'alert',
  about:
    'Most connections in use of a busy pool run nothing: the code does other work, such as a call to another service, before it gives them back.',
  settings: { warnRatio: 0.5, warnClearRatio: 0.4, busyRatio: 0.7, leastHolders: 3, warnForMs: 120_000 },
  symptomOf: ['leak'],
  needs: ['holders'],
  applies: isSqlPool,
  evaluate(window, settings, before) {
    const blind = unmeasured(window)
    if (blind !== null) return blind
    const { holders, group } = window
    if (group.utilizationRatio === null) return unknown('The pool has no limit that is known.')
    if (group.utilizationRatio < settings.busyRatio || holders.length < settings.leastHolders) {
      return ok(
        'The pool is not busy enough for it to matter.',
        fact('utilization', group.utilizationRatio, 'ratio'),
      )
    }
    const spent = holders.map((holder) => ({ holder, on: spentOn(holder) })).filter(({ on }) => on !== null)
    if (spent.length < settings.leastHolders)
      return unknown('What the held connections are spent on is not known.')
    const inHand = spent.filter(({ on }) => on === 'in hand').map(({ holder }) => holder)
    const share = inHand.length / spent.length
    return found(
      levelAbove(share, before, { warn: { raise: settings.warnRatio, clear: settings.warnClearRatio } }),
      `${inHand.length} of ${spent.length} held connections (${percent(share)}) run nothing: their callers do something else meanwhile.`,
      [
        fact('held and not used', share, 'ratio'),
        fact('in use', group.inUse),
        fact('max', group.max),
        fact('waiting', group.waiting),
      ],
      'Give the connection back before calls to other services, and take another one after them.',
      inHand,
    )
  },
})
