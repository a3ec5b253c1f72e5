import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox'
import {
  FleetSchema,
  GroupDetailSchema,
  HoldersSchema,
  PoolNowSchema,
  ServerNowSchema,
  SessionsSchema,
  STATEMENT_ORDERS,
  StatementsSchema,
} from '@poolscope/protocol'
import Type from 'typebox'
import type { Fleet } from '../fleet/fleet.ts'
import { LONGEST_WINDOW_MS } from '../fleet/statement-window.ts'
import { answers, byId, found } from './route-parts.ts'

/** `pools=false` leaves the instances out, for a page that shows groups. */
const fleetQuery = Type.Object({ pools: Type.Optional(Type.Boolean()) })
const statementsQuery = Type.Object({
  order: Type.Optional(Type.Enum(STATEMENT_ORDERS)),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })),
  windowMs: Type.Optional(Type.Integer({ minimum: 1000, maximum: LONGEST_WINDOW_MS })),
})

/** What is true now: the fleet, its pools, groups and servers. */
export function fleetRoutes(fleet: Fleet): FastifyPluginCallbackTypebox {
  return (app, _options, done) => {
    app.get(
      '/fleet',
      {
        schema: { summary: 'Everything now', querystring: fleetQuery, response: { 200: FleetSchema } },
      },
      ({ query }) => (query.pools === false ? { ...fleet.snapshot(), pools: [] } : fleet.snapshot()),
    )
    app.get(
      '/groups/:id',
      {
        schema: {
          summary: 'One pool group and its instances',
          params: byId,
          response: answers(GroupDetailSchema, 'The group.'),
        },
      },
      ({ params }) => found(fleet.group(params.id), 'pool group'),
    )
    app.get(
      '/pools/:id',
      { schema: { summary: 'One pool', params: byId, response: answers(PoolNowSchema, 'The pool.') } },
      ({ params }) => found(fleet.pool(params.id), 'pool'),
    )
    app.get(
      '/servers/:id',
      { schema: { summary: 'One server', params: byId, response: answers(ServerNowSchema, 'The server.') } },
      ({ params }) => found(fleet.server(params.id), 'server'),
    )
    app.get(
      '/servers/:id/sessions',
      { schema: { summary: 'Its sessions', params: byId, response: answers(SessionsSchema, 'Sessions.') } },
      ({ params }) => found(fleet.sessions(params.id), 'server'),
    )
    app.get(
      '/servers/:id/statements',
      {
        schema: {
          summary: 'What its statements did over the last minutes',
          params: byId,
          querystring: statementsQuery,
          response: answers(StatementsSchema, 'Statements, most of the asked order first.'),
        },
      },
      ({ params, query }) => {
        const { order = 'total', limit = 100, windowMs = LONGEST_WINDOW_MS } = query
        return found(fleet.statements(params.id, { order, limit, windowMs }), 'server')
      },
    )
    for (const kind of ['groups', 'pools'] as const) {
      app.get(
        `/${kind}/:id/holders`,
        {
          schema: {
            summary: 'Who holds connections now',
            params: byId,
            response: answers(HoldersSchema, 'Holders.'),
          },
        },
        ({ params }) => {
          found(kind === 'groups' ? fleet.group(params.id) : fleet.pool(params.id), kind.slice(0, -1))
          return fleet.holders(params.id)
        },
      )
    }
    done()
  }
}
