import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox'
import { ErrorBodySchema, ServerBudgetSchema } from '@poolscope/protocol'
import Type from 'typebox'
import type { Fleet } from '../fleet/fleet.ts'
import { serverBudget } from '../fleet/server-budget.ts'
import { ApiError } from './api-error.ts'

/** What all pools may open on a server against what it can take. */
export function budgetRoutes(fleet: Fleet): FastifyPluginCallbackTypebox {
  return (app, _options, done) => {
    app.get(
      '/servers/:id/budget',
      {
        schema: {
          summary: 'Its connections as a ledger: declared, in use now, and if every pool filled up',
          params: Type.Object({ id: Type.String({ minLength: 1, maxLength: 300 }) }),
          response: {
            200: { ...ServerBudgetSchema, description: 'The ledger, largest worst case first.' },
            404: { ...ErrorBodySchema, description: 'Nothing of that id.' },
          },
        },
      },
      ({ params }) => {
        const server = fleet.server(params.id)
        if (server === undefined) throw new ApiError('not_found', 'There is no server of that id.')
        return serverBudget(server, fleet.snapshot().pools, fleet.nowMs)
      },
    )
    done()
  }
}
