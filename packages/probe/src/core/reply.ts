import type { ReportReply } from '@poolscope/protocol'

/** One pool whose every stack the agent asks for, for a while. */
export type CaptureWish = NonNullable<ReportReply['captureStacks']>[number]

/** One pool whose `max` the agent wants changed, for a while. */
type SetMaxWish = NonNullable<ReportReply['setMax']>[number]

/** Whose stacks an agent asks for in its answer to a report; nothing where the answer is not understood. */
export function wishesOf(body: string): CaptureWish[] {
  return listOf(body, 'captureStacks').filter(isCaptureWish)
}

/** Whose `max` an agent wants changed by its answer to a report; nothing where the answer is not understood. */
export function maxWishesOf(body: string): SetMaxWish[] {
  return listOf(body, 'setMax').filter(isSetMaxWish)
}

/** Nearly every answer asks for nothing, and need not be parsed. */
function listOf(body: string, key: 'captureStacks' | 'setMax'): unknown[] {
  if (!body.includes(`"${key}"`)) return []
  try {
    const list = (JSON.parse(body) as Record<string, unknown> | null)?.[key]
    return Array.isArray(list) ? list : []
  } catch {
    return []
  }
}

function isCaptureWish(wish: unknown): wish is CaptureWish {
  return isWish(wish)
}

function isSetMaxWish(wish: unknown): wish is SetMaxWish {
  return isWish(wish) && typeof (wish as { max?: unknown }).max === 'number'
}

/** Both name a pool and a time. */
function isWish(wish: unknown): boolean {
  const { system, name, forMs } = (wish ?? {}) as Record<string, unknown>
  return typeof system === 'string' && typeof name === 'string' && typeof forMs === 'number' && forMs > 0
}
