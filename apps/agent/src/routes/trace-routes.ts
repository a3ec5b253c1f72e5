import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox'
import { ErrorBodySchema, type Trace, type TraceHead, TraceSchema } from '@poolscope/protocol'
import Type from 'typebox'
import type { Fleet } from '../fleet/fleet.ts'
import { answers, byId, found } from './route-parts.ts'

const BINARY = 'application/octet-stream'
const BytesSchema = Type.Unsafe<Buffer>({ type: 'string', format: 'binary' })

/** What pools lived through: as JSON for whoever wants to look at it, and packed for whoever replays an hour. */
export function traceRoutes(fleet: Fleet): FastifyPluginCallbackTypebox {
  return (app, _options, done) => {
    for (const kind of ['groups', 'pools'] as const) {
      const recordOf = (id: string) => found(fleet.trace(id), `${kind.slice(0, -1)} with a probe`)
      app.get(
        `/${kind}/:id/trace`,
        {
          schema: {
            summary: 'Every checkout of the last hour, as far as it is recorded without a gap',
            params: byId,
            response: answers(TraceSchema, 'Windows as the probe packed them.'),
          },
        },
        ({ params }) => recordOf(params.id),
      )
      app.get(
        `/${kind}/:id/trace.bin`,
        {
          schema: {
            summary: 'The same packed: a head, then the windows, newest first',
            params: byId,
            response: {
              200: {
                description: 'The length of the head in four bytes, the head as JSON, the windows.',
                content: { [BINARY]: { schema: BytesSchema } },
              },
              404: { ...ErrorBodySchema, description: 'Nothing of that id.' },
            },
          },
        },
        ({ params }, reply) => {
          void reply.type(BINARY).send(packedRecord(recordOf(params.id)))
        },
      )
    }
    done()
  }
}

/** A record in bytes, as {@link TraceHead} tells. */
function packedRecord({ blocks, ...record }: Trace): Buffer {
  const newest = blocks.map(({ fromMs, data }) => ({ fromMs, bytes: Buffer.from(data, 'base64') })).reverse()
  const head: TraceHead = {
    ...record,
    blocks: newest.map(({ fromMs, bytes }) => ({ fromMs, bytes: bytes.length })),
  }
  const json = Buffer.from(JSON.stringify(head))
  const length = Buffer.alloc(4)
  length.writeUInt32LE(json.length)
  return Buffer.concat([length, json, ...newest.map(({ bytes }) => bytes)])
}
