import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox'
import {
  ErrorBodySchema,
  FleetHistorySchema,
  FleetSchema,
  GroupDetailSchema,
  HistoryQuerySchema,
  HistorySchema,
  HoldersSchema,
  POOL_COLUMNS,
  PoolNowSchema,
  ServerNowSchema,
  SessionsSchema,
  STATEMENT_ORDERS,
  StatementsSchema,
  TraceSchema,
} from '@poolscope/protocol'
import Type from 'typebox'
import type { Fleet } from '../fleet/fleet.ts'
import { LONGEST_WINDOW_MS } from '../fleet/statement-window.ts'
import { ApiError } from './api-error.ts'

const byId = Type.Object({ id: Type.String({ minLength: 1, maxLength: 300 }) })
/** `pools=false` leaves the instances out, for a page that shows groups. */
const fleetQuery = Type.Object({ pools: Type.Optional(Type.Boolean()) })
const columnQuery = Type.Interface([HistoryQuerySchema], {
  column: Type.Optional(Type.Enum(POOL_COLUMNS)),
})
const statementsQuery = Type.Object({
  order: Type.Optional(Type.Enum(STATEMENT_ORDERS)),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })),
  windowMs: Type.Optional(Type.Integer({ minimum: 1000, maximum: LONGEST_WINDOW_MS })),
})

function answers<Schema extends object>(schema: Schema, description: string) {
  return { 200: { ...schema, description }, 404: { ...ErrorBodySchema, description: 'Nothing of that id.' } }
}

function found<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new ApiError('not_found', `There is no ${what} of that id.`)
  return value
}

/** What is true now and over the last minutes: the fleet, its pools, groups and servers. */
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
      '/fleet/history',
      {
        schema: {
          summary: 'One column of every pool group over the last minutes',
          querystring: columnQuery,
          response: { 200: FleetHistorySchema },
        },
      },
      ({ query }) => fleet.groupHistory(query.column ?? 'inUse', query),
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
    for (const kind of ['groups', 'pools'] as const) {
      app.get(
        `/${kind}/:id/trace`,
        {
          schema: {
            summary: 'Every checkout of the last hour, as far as it is recorded without a gap',
            params: byId,
            response: answers(TraceSchema, 'Windows as the probe packed them.'),
          },
        },
        ({ params }) => found(fleet.trace(params.id), `${kind.slice(0, -1)} with a probe`),
      )
    }
    for (const kind of ['groups', 'pools', 'servers'] as const) {
      app.get(
        `/${kind}/:id/history`,
        {
          schema: {
            summary: 'Its numbers over the last minutes',
            params: byId,
            querystring: HistoryQuerySchema,
            response: answers(HistorySchema, 'Columns over time.'),
          },
        },
        ({ params, query }) => found(fleet.history(params.id, query), kind.slice(0, -1)),
      )
    }
    done()
  }
}
