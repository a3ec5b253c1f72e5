import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox'
import {
  ErrorBodySchema,
  KnobChangeSchema,
  KnobRequestSchema,
  KnobSchema,
  KnobUndoSchema,
} from '@poolscope/protocol'
import type { Knob } from '../knob/knob.ts'
import { ApiError } from './api-error.ts'
import { answers, byId, found } from './route-parts.ts'

const changes = { config: { rateLimit: { max: 60, timeWindow: 60_000 } } }
const refusals = { 403: { ...ErrorBodySchema, description: 'The agent may not.' } }

/** `/api/v1/groups/:id/max`: limits of running pools. @param knob null where it is switched off */
export function knobRoutes(knob: Knob | null): FastifyPluginCallbackTypebox {
  const on = (): Knob => {
    if (knob !== null) return knob
    throw new ApiError('knob_off', 'Changing limits is switched off; set knob: true in the configuration.')
  }
  return (app, _options, done) => {
    app.get(
      '/groups/:id/max',
      {
        schema: {
          summary: 'Whether the limit of a running pool group can be changed, and its last change',
          params: byId,
          response: answers(KnobSchema, 'What can be changed.'),
        },
      },
      ({ params }) =>
        knob === null ? { enabled: false, pools: [], change: null } : found(knob.of(params.id), 'pool group'),
    )
    app.post(
      '/groups/:id/max',
      {
        ...changes,
        schema: {
          summary: 'Change the limit of running pools',
          params: byId,
          body: KnobRequestSchema,
          response: {
            201: KnobChangeSchema,
            ...refusals,
            404: ErrorBodySchema,
            409: { ...ErrorBodySchema, description: 'Out of bounds, or more than the server can take.' },
          },
        },
      },
      ({ params, body }, reply) => {
        found(on().of(params.id), 'pool group')
        const change = on().turn(params.id, body)
        if ('refused' in change) throw new ApiError('knob_refused', change.refused)
        void reply.status(201)
        return change
      },
    )
    app.delete(
      '/groups/:id/max',
      {
        ...changes,
        schema: {
          summary: 'Take a changed limit back',
          params: byId,
          body: KnobUndoSchema,
          response: { 200: KnobChangeSchema, ...refusals, 404: ErrorBodySchema },
        },
      },
      ({ params, body }) => found(on().undo(params.id, body.by), 'changed limit'),
    )
    done()
  }
}
