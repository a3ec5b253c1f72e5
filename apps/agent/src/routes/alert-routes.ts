import { Readable } from 'node:stream'
import { gunzipSync } from 'node:zlib'
import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox'
import {
  AdviceSchema,
  ALERT_STATES,
  AlertSchema,
  AlertsSchema,
  BlackBoxSchema,
  CauseSchema,
  ErrorBodySchema,
  SilenceRequestSchema,
  SilenceSchema,
  SilencesSchema,
} from '@poolscope/protocol'
import Type from 'typebox'
import type { Alerts } from '../alerts/alerts.ts'
import { ApiError } from './api-error.ts'

const byId = Type.Object({ id: Type.String({ minLength: 1, maxLength: 300 }) })
const alertsQuery = Type.Object({ state: Type.Optional(Type.Enum(ALERT_STATES)) })

function answers<Schema extends object>(schema: Schema, description: string) {
  return { 200: { ...schema, description }, 404: { ...ErrorBodySchema, description: 'Nothing of that id.' } }
}

function found<T>(value: T | undefined | null, what: string): T {
  if (value === undefined || value === null) throw new ApiError('not_found', what)
  return value
}

/** Alerts, silences and advice. */
export function alertRoutes(alerts: Alerts): FastifyPluginCallbackTypebox {
  return (app, _options, done) => {
    app.get(
      '/alerts',
      {
        schema: {
          summary: 'Alerts that fire, are pending or are over',
          querystring: alertsQuery,
          response: { 200: AlertsSchema },
        },
      },
      ({ query }) => alerts.list(query.state ?? null),
    )
    app.get(
      '/alerts/:id',
      { schema: { summary: 'One alert', params: byId, response: answers(AlertSchema, 'The alert.') } },
      ({ params }) => found(alerts.one(params.id), 'There is no alert of that id.'),
    )
    app.post(
      '/alerts/:id/ack',
      { schema: { summary: 'Take an alert on', params: byId, response: answers(AlertSchema, 'The alert.') } },
      ({ params }) => found(alerts.acknowledge(params.id), 'No alert of that id fires.'),
    )
    app.get(
      '/alerts/:id/blackbox',
      {
        schema: {
          summary: 'The minutes before and after an alert, as one file',
          params: byId,
          response: answers(BlackBoxSchema, 'The file.'),
        },
      },
      async ({ params, headers }, reply) => {
        const file = found(
          await alerts.blackBox(params.id),
          'There is no file of that alert: it is written two minutes after the alert fires, into the data folder.',
        )
        const packed = /\bgzip\b/.test(headers['accept-encoding'] ?? '')
        const name = params.id.replace(/[^A-Za-z0-9._-]/g, '_')
        void reply
          .type('application/json')
          .header('content-disposition', `attachment; filename="poolscope-${name}.json"`)
          .header('vary', 'accept-encoding')
        if (packed) void reply.header('content-encoding', 'gzip')
        // The schema describes the text; what is sent is the file as it was written.
        return reply.send((packed ? file : gunzipSync(file)) as never)
      },
    )
    app.get(
      '/silences',
      { schema: { summary: 'Silences in force', response: { 200: SilencesSchema } } },
      () => ({ silences: alerts.silences() }),
    )
    app.post(
      '/silences',
      {
        schema: {
          summary: 'Keep alerts of a rule, a subject or all quiet for a while',
          body: SilenceRequestSchema,
          response: { 201: SilenceSchema, 400: ErrorBodySchema },
        },
      },
      ({ body }, reply) => {
        const silence = alerts.silence(body)
        if (silence === null)
          throw new ApiError('invalid_request', 'untilMs: is over already, or there are too many silences.')
        void reply.status(201)
        return silence
      },
    )
    app.delete(
      '/silences/:id',
      {
        schema: {
          summary: 'End a silence',
          params: byId,
          response: { 204: Type.Null(), 404: ErrorBodySchema },
        },
      },
      ({ params }, reply) => {
        if (!alerts.unsilence(params.id)) throw new ApiError('not_found', 'There is no silence of that id.')
        void reply.status(204)
        return null
      },
    )
    app.get(
      '/advice',
      {
        schema: {
          summary: 'What is wrong and what to change, by service and server, with a score',
          response: { 200: AdviceSchema },
        },
      },
      async (_request, reply) => {
        // The schema describes the text; what is sent is written piece by piece.
        const pieces = Readable.from(alerts.adviceJson(), { objectMode: false })
        return reply.type('application/json; charset=utf-8').send(pieces as never)
      },
    )
    app.get(
      '/groups/:id/cause',
      {
        schema: {
          summary: 'Why callers of a pool group wait, or that they do not',
          params: byId,
          response: answers(CauseSchema, 'The cause.'),
        },
      },
      ({ params }) => found(alerts.cause(params.id), 'There is no pool group of that id.'),
    )
    done()
  }
}
