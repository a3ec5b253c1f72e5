import { createHmac } from 'node:crypto'
import type { Transition } from '../engine.ts'
import { type Posted, postJson } from './post.ts'

/** What a webhook is sent. */
type WebhookBody = {
  version: 1
  /** The same for the same news: who has seen it may ignore it. */
  id: string
  kind: Transition['kind']
  alert: Transition['alert']
  /** Where the alert can be seen; null when the agent does not know its own address. */
  url: string | null
}

/**
 * The signature of a body: HMAC-SHA256 over the time, a full stop and the body.
 * @param timestamp seconds since the epoch, as in the header beside it, so that an old message cannot be sent again
 */
function signatureOf(secret: string, timestamp: string, body: string): string {
  return `v1=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`
}

/** Sends news to a webhook, signed. */
export function sendToWebhook(
  { url, secret }: { url: string; secret: string },
  transition: Transition,
  link: string | null,
  nowMs: number,
  signal: AbortSignal,
): Promise<Posted> {
  const { id, kind, alert } = transition
  const body: WebhookBody = { version: 1, id, kind, alert, url: link }
  const text = JSON.stringify(body)
  const timestamp = String(Math.floor(nowMs / 1000))
  return postJson(
    url,
    text,
    {
      'x-poolscope-timestamp': timestamp,
      'x-poolscope-signature': signatureOf(secret, timestamp, text),
      'idempotency-key': id,
    },
    signal,
  )
}
