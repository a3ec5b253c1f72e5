import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox'
import {
  AnnotationQuerySchema,
  AnnotationSchema,
  AnnotationsSchema,
  NewAnnotationSchema,
} from '@poolscope/protocol'
import type { Annotations } from '../history/annotations.ts'
import { ApiError } from './api-error.ts'
import { checkRange, refuseUnavailable } from './history-routes.ts'

/** Further ahead than any clock is wrong. */
const MOST_AHEAD_MS = 86_400_000

/** `GET` and `POST /api/v1/annotations`: what happened, to be drawn on charts. */
export function annotationRoutes(
  annotations: Annotations | null,
  now: () => number,
): FastifyPluginCallbackTypebox {
  return (app, _options, done) => {
    app.get(
      '/annotations',
      {
        schema: {
          summary: 'What happened: deploys, restarts, changed limits',
          querystring: AnnotationQuerySchema,
          response: { 200: AnnotationsSchema },
        },
      },
      async ({ query }) => {
        checkRange(query)
        if (annotations === null) return { annotations: [] }
        return { annotations: await annotations.list(query).catch(refuseUnavailable) }
      },
    )
    app.post(
      '/annotations',
      {
        config: { rateLimit: { max: 60, timeWindow: 60_000 } },
        schema: {
          summary: 'Mark a deploy',
          body: NewAnnotationSchema,
          response: { 201: AnnotationSchema },
        },
      },
      async ({ body }, reply) => {
        if (body.atMs !== undefined && body.atMs > now() + MOST_AHEAD_MS)
          throw new ApiError('invalid_request', 'body/atMs: must not be more than a day ahead.')
        if (annotations === null)
          throw new ApiError('history_unavailable', 'There is no directory for the history.')
        const added = await annotations.add(body).catch(refuseUnavailable)
        return reply.status(201).send(added)
      },
    )
    done()
  }
}
