import { gunzip } from 'node:zlib'
import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox'
import {
  ErrorBodySchema,
  PROTOCOL_VERSION,
  REPORT_LIMITS,
  ReportReplySchema,
  ReportSchema,
} from '@poolscope/protocol'
import type { FastifyReply } from 'fastify'
import type { Fleet } from '../fleet/fleet.ts'
import type { Knob } from '../knob/knob.ts'
import { ApiError } from '../routes/api-error.ts'

/**
 * `POST /reports`: what probes send. Checked whole before anything is taken in; a body is limited
 * as sent and again as inflated.
 * @param knob wants limits changed; null where that is switched off
 * @param reportsPerSec most reports a second from one address
 */
export function reportsRoute(
  fleet: Fleet,
  knob: Knob | null,
  reportsPerSec: number,
): FastifyPluginCallbackTypebox {
  return (app, _options, done) => {
    app.removeContentTypeParser('application/json')
    app.addContentTypeParser(
      'application/json',
      { parseAs: 'buffer', bodyLimit: REPORT_LIMITS.bodyBytes },
      (request, body: Buffer, done) => readBody(body, request.headers['content-encoding'], done),
    )
    const budget = new ReportBudget(reportsPerSec)
    app.post(
      '/reports',
      {
        onRequest: (request, reply, done) => {
          if (budget.take(request.ip, fleet.nowMs)) return done()
          void reply.header('retry-after', 1)
          done(new ApiError('rate_limited', 'Too many reports from this address; slow down.'))
        },
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
        const answer = fleet.takeReport(request.body)
        const setMax = knob?.wishes(request.body)
        sendPlain(reply, JSON.stringify(setMax === undefined ? answer : { ...answer, setMax }))
      },
    )
    done()
  }
}

/** Sends a reply that no hook has a part in, past those of the framework: they cost more than checking a small report. */
function sendPlain(reply: FastifyReply, json: string): void {
  reply.hijack()
  reply.raw
    .writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(json) })
    .end(json)
}

/**
 * Counts reports by address within a second of the clock. The general limiter of the other routes costs a fifth of
 * what taking in a report does, with its keys, windows and promises.
 */
class ReportBudget {
  readonly #perSec: number
  #second = 0
  #counts = new Map<string, number>()

  constructor(perSec: number) {
    this.#perSec = perSec
  }

  take(address: string, nowMs: number): boolean {
    const second = Math.floor(nowMs / 1000)
    if (second !== this.#second) {
      this.#second = second
      this.#counts = new Map()
    }
    const count = (this.#counts.get(address) ?? 0) + 1
    this.#counts.set(address, count)
    return count <= this.#perSec
  }
}

type Done = (error: Error | null, value?: unknown) => void

function readBody(body: Buffer, encoding: string | undefined, done: Done): void {
  if (encoding === undefined || encoding === 'identity') {
    parseJson(body, done)
  } else if (encoding === 'gzip') {
    gunzip(body, { maxOutputLength: REPORT_LIMITS.inflatedBytes }, (error, inflated) => {
      if (error === null) parseJson(inflated, done)
      else if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
        done(new ApiError('payload_too_large', 'The body is larger than the agent takes once inflated.'))
      } else done(new ApiError('invalid_report', 'The body is not gzip.'))
    })
  } else done(new ApiError('unsupported_media_type', 'Compress with gzip or not at all.'))
}

/** The schema is closed at every level, so a key such as __proto__ is refused with all unknown ones. */
function parseJson(body: Buffer, done: Done): void {
  let value: unknown
  try {
    value = JSON.parse(body.toString('utf8'))
  } catch {
    done(new ApiError('invalid_report', 'The body is not JSON.'))
    return
  }
  done(null, value)
}
