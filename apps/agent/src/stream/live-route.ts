import { CLOSE_CODES, ClientMessageSchema } from '@poolscope/protocol'
import type { FastifyInstance } from 'fastify'
import { Check } from 'typebox/value'
import { LiveClient } from './live-client.ts'
import { isTopic, type LiveHub } from './live-hub.ts'

/** Messages a client may send within {@link REFILL_MS} before it is closed as broken. */
const MAX_MESSAGES = 60
const REFILL_MS = 10_000
/** Most live sockets of one agent. */
const MAX_CLIENTS = 2000

/** `GET /api/v1/live`: the fleet as it changes. */
export function liveRoute(app: FastifyInstance, hub: LiveHub): void {
  app.get('/api/v1/live', { websocket: true, schema: { hide: true } }, (socket, request) => {
    if (hub.clients >= MAX_CLIENTS) {
      socket.close(1013, 'Too many live clients.')
      return
    }
    const client = new LiveClient(socket, request.raw.socket)
    const complain = (message: string) =>
      client.send(Buffer.from(JSON.stringify({ type: 'error', code: 'invalid_request', message })))
    let budget = MAX_MESSAGES
    const refill = setInterval(() => {
      budget = MAX_MESSAGES
    }, REFILL_MS)
    refill.unref()
    socket.on('message', (data, isBinary) => {
      budget -= 1
      if (budget < 0) client.close(CLOSE_CODES.badMessage, 'Too many messages.')
      else if (isBinary) complain('Messages are JSON text.')
      else {
        const message = parse(String(data))
        if (!Check(ClientMessageSchema, message)) complain('Send {"type":"subscribe","topics":[…]}.')
        else if (!message.topics.every(isTopic)) {
          complain('Topics are fleet, groups, group:<id> and server:<id>.')
        } else client.topics = [...new Set(message.topics)]
      }
    })
    socket.on('error', () => socket.terminate())
    socket.on('close', () => {
      clearInterval(refill)
      hub.remove(client)
    })
    hub.add(client)
  })
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
