import { createHmac, timingSafeEqual } from 'node:crypto'

/** What an embed link may read, and until when. */
export type EmbedGrant = { groupId: string; expiresAtMs: number }

/** Tells these tokens apart from the agent's own. */
const PREFIX = 'embed.'

/**
 * A token that reads one pool group until it expires. Signed with the agent's own token, so that a new one of that ends
 * all links, and nothing has to be kept.
 */
export function mintEmbedToken(secret: string, grant: EmbedGrant): string {
  const payload = Buffer.from(JSON.stringify([grant.groupId, grant.expiresAtMs])).toString('base64url')
  return `${PREFIX}${payload}.${sign(secret, payload)}`
}

/** What a token grants; null when it is none of ours, was changed, or has expired. */
export function readEmbedToken(secret: string, token: string, nowMs: number): EmbedGrant | null {
  const [payload, signature, ...rest] = token.startsWith(PREFIX) ? token.slice(PREFIX.length).split('.') : []
  if (payload === undefined || signature === undefined || rest.length > 0) return null
  const expected = Buffer.from(sign(secret, payload))
  const given = Buffer.from(signature)
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null
  const [groupId, expiresAtMs] = JSON.parse(Buffer.from(payload, 'base64url').toString()) as [string, number]
  return expiresAtMs > nowMs ? { groupId, expiresAtMs } : null
}

function sign(secret: string, payload: string): string {
  return createHmac('sha256', `poolscope embed\n${secret}`).update(payload).digest('base64url')
}
