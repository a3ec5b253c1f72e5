import type { Holder } from '@poolscope/protocol'

/** A holder of a test, at work: everything not named is not known. */
export function holderOf(sessionPid: number, over: Partial<Holder> = {}): Holder {
  const { stack = null } = over
  return {
    poolId: 'shop.main.a-1',
    instance: 'a-1',
    sinceMs: 0,
    heldMs: 1,
    sessionPid,
    sessionState: 'active',
    waitEventType: null,
    waitEvent: null,
    stack,
    stackState: stack === null ? 'not_sampled' : 'captured',
    site: stack?.[0] ?? null,
    activity: 'running',
    quietMs: 0,
    quietLimitMs: null,
    transaction: 'none',
    transactionMs: null,
    lastStatement: null,
    suspectedSinceMs: null,
    blockedBy: null,
    blocks: null,
    locks: null,
    ...over,
  }
}
