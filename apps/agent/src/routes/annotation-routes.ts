import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox'
import {
  AnnotationQuerySchema,
  AnnotationSchema,
  AnnotationsSchema,
  NewAnnotationSchema,
} from '@poolscope/protocol'
import type { Annotations } from '../history/annotations.ts'
import { HistoryError } from '../history/database.ts'
import { ApiError } from './api-error.ts'
import { checkRange } from './history-routes.ts'

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
        return { annotations: await orUnavailable(annotations.list(query)) }
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
        if (annotations === null) throw unavailable('Nothing is kept: there is no directory for the history.')
        const added = await orUnavailable(annotations.add(body))
        return reply.status(201).send(added)
      },
    )
    done()
  }
}

async function orUnavailable<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    throw error instanceof HistoryError ? unavailable(error.message) : error
  }
}

function unavailable(message: string): ApiError {
  return new ApiError('history_unavailable', message)
}
