import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox'
import { ErrorBodySchema, ReportReplySchema, ReportSchema } from '@poolscope/protocol'
import { REPORTS_URL, type ReportIntake } from './report-intake.ts'

/**
 * `POST /api/v1/reports` among the routes: in the description of all of them, and for requests that do not come by way of
 * the server. It hands over to the intake, which reads, checks and answers by itself.
 */
export function reportsRoute(intake: ReportIntake): FastifyPluginCallbackTypebox {
  return (app, _options, done) => {
    app.removeAllContentTypeParsers()
    app.addContentTypeParser('*', (_request, _body, done) => done(null))
    app.post(
      REPORTS_URL,
      {
        validatorCompiler: () => () => true,
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
        reply.hijack()
        intake.handle(request.raw, reply.raw)
      },
    )
    done()
  }
}
