import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox'
import {
  ErrorBodySchema,
  PROTOCOL_VERSION,
  REPORT_LIMITS,
  ReportReplySchema,
  ReportSchema,
} from '@poolscope/protocol'
import { parse } from 'secure-json-parse'
import type { Fleet } from '../fleet/fleet.ts'
import { ApiError } from '../routes/api-error.ts'

const inflate = promisify(gunzip)

/**
 * `POST /reports`: what probes send. Checked whole before anything is taken in; a body is limited
 * as sent and again as inflated.
 * @param reportsPerSec most reports a second from one address
 */
export function reportsRoute(fleet: Fleet, reportsPerSec: number): FastifyPluginCallbackTypebox {
  return (app, _options, done) => {
    app.removeContentTypeParser('application/json')
    app.addContentTypeParser(
      'application/json',
      { parseAs: 'buffer', bodyLimit: REPORT_LIMITS.bodyBytes },
      async (request: { headers: Record<string, unknown> }, body: Buffer) =>
        parseJson(await inflated(body, request.headers['content-encoding'])),
    )
    app.post(
      '/reports',
      {
        config: { rateLimit: { max: reportsPerSec, timeWindow: 1000 } },
        schema: {
          summary: 'What a probe measured',
          body: ReportSchema,
          response: {
            200: ReportReplySchema,
            400: ErrorBodySchema,
            413: ErrorBodySchema,
            429: ErrorBodySchema,
          },
        },
      },
      (request, reply) => {
        if (request.body.protocol !== PROTOCOL_VERSION) {
          throw new ApiError(
            'protocol_unsupported',
            `This agent speaks protocol ${PROTOCOL_VERSION}, the report ${request.body.protocol}: use a probe of the agent's version.`,
          )
        }
        void reply.send(fleet.takeReport(request.body))
      },
    )
    done()
  }
}

async function inflated(body: Buffer, encoding: unknown): Promise<Buffer> {
  if (encoding === undefined || encoding === 'identity') return body
  if (encoding !== 'gzip') throw new ApiError('unsupported_media_type', 'Compress with gzip or not at all.')
  try {
    return await inflate(body, { maxOutputLength: REPORT_LIMITS.inflatedBytes })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      throw new ApiError('payload_too_large', 'The body is larger than the agent takes once inflated.')
    }
    throw new ApiError('invalid_report', 'The body is not gzip.')
  }
}

function parseJson(body: Buffer): unknown {
  try {
    return parse(body.toString('utf8'), null, { protoAction: 'error', constructorAction: 'error' })
  } catch {
    throw new ApiError('invalid_report', 'The body is not JSON.')
  }
}
