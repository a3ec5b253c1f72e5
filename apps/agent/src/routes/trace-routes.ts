import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox'
import { ErrorBodySchema, type TraceHead } from '@poolscope/protocol'
import Type from 'typebox'
import type { Fleet } from '../fleet/fleet.ts'
import type { Recorded } from '../fleet/pool-trace.ts'
import { byId, found } from './route-parts.ts'

const BINARY = 'application/octet-stream'
const BytesSchema = Type.Unsafe<Buffer>({ type: 'string', format: 'binary' })

const KINDS = [
  ['groups', 'group with a probe'],
  ['pools', 'pool with a probe'],
] as const

/** What pools lived through, as their probes packed it. */
export function traceRoutes(fleet: Fleet): FastifyPluginCallbackTypebox {
  return (app, _options, done) => {
    for (const [kind, what] of KINDS) {
      app.get(
        `/${kind}/:id/trace.bin`,
        {
          schema: {
            summary: 'Every checkout of the last hour, as far as it is recorded without a gap',
            params: byId,
            response: {
              200: {
                description:
                  'The length of the head in four bytes, the head as JSON, the windows, newest first.',
                content: { [BINARY]: { schema: BytesSchema } },
              },
              404: { ...ErrorBodySchema, description: 'Nothing of that id.' },
            },
          },
        },
        ({ params }, reply) => {
          void reply.type(BINARY).send(packedRecord(found(fleet.trace(params.id), what)))
        },
      )
    }
    done()
  }
}

/** A record in bytes, as {@link TraceHead} tells. */
function packedRecord({ windows, ...record }: Recorded): Buffer {
  const newest = windows.map(({ fromMs, data }) => ({ fromMs, bytes: Buffer.from(data, 'base64') })).reverse()
  const head: TraceHead = {
    ...record,
    blocks: newest.map(({ fromMs, bytes }) => ({ fromMs, bytes: bytes.length })),
  }
  const json = Buffer.from(JSON.stringify(head))
  const length = Buffer.alloc(4)
  length.writeUInt32LE(json.length)
  return Buffer.concat([length, json, ...newest.map(({ bytes }) => bytes)])
}
