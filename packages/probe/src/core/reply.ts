import type { ReportReply } from '@poolscope/protocol'

/** One pool whose every stack the agent asks for, for a while. */
export type CaptureWish = NonNullable<ReportReply['captureStacks']>[number]

/** What an agent asks for in its answer to a report; nothing where the answer is not understood. */
export function wishesOf(body: string): CaptureWish[] {
  // Nearly every answer asks for nothing, and need not be parsed.
  if (!body.includes('"captureStacks"')) return []
  try {
    const { captureStacks } = JSON.parse(body) as { captureStacks?: unknown }
    return Array.isArray(captureStacks) ? captureStacks.filter(isWish) : []
  } catch {
    return []
  }
}

function isWish(wish: unknown): wish is CaptureWish {
  const { system, name, forMs } = (wish ?? {}) as Record<string, unknown>
  return typeof system === 'string' && typeof name === 'string' && typeof forMs === 'number' && forMs > 0
}
