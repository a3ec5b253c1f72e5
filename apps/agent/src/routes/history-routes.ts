import { createReadStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox'
import {
  FleetHistorySchema,
  HistoryQuerySchema,
  HistorySchema,
  HistoryStoreSchema,
  POOL_COLUMNS,
} from '@poolscope/protocol'
import type { FastifyReply, FastifyRequest } from 'fastify'
import Type from 'typebox'
import { FILE_NAME, HistoryError } from '../history/database.ts'
import type { History } from '../history/history.ts'
import type { HistoryBody } from '../history/history-store.ts'
import { ApiError } from './api-error.ts'
import { answers, byId, found } from './route-parts.ts'

const columnQuery = Type.Interface([HistoryQuerySchema], {
  column: Type.Optional(Type.Enum(POOL_COLUMNS)),
})
/** Ticks are in the store within this; what ended before does not change any more but by rolling up. */
const SETTLED_MS = 10_000
const KEPT_BY_BROWSERS = 'private, max-age=60'

type Range = { fromMs?: number | undefined; toMs?: number | undefined }

/** What was true: numbers over time, and how the store of them stands. */
export function historyRoutes(history: History, now: () => number): FastifyPluginCallbackTypebox {
  return (app, _options, done) => {
    for (const [path, kind] of [
      ['groups', 'group'],
      ['pools', 'pool'],
      ['servers', 'server'],
    ] as const) {
      app.get(
        `/${path}/:id/history`,
        {
          schema: {
            summary: 'Its numbers over time, also when it is gone',
            params: byId,
            querystring: HistoryQuerySchema,
            response: answers(HistorySchema, 'Columns over time.'),
          },
        },
        async (request, reply) => {
          const { params, query } = request
          checkRange(query)
          const answer = await history.of(kind, params.id, query, untilGone(reply))
          return send(request, reply, query, found(answer, kind), now())
        },
      )
    }
    app.get(
      '/fleet/history',
      {
        schema: {
          summary: 'One column of every pool group over time',
          querystring: columnQuery,
          response: { 200: FleetHistorySchema },
        },
      },
      async (request, reply) => {
        const { query } = request
        checkRange(query)
        const answer = await history.ofGroups(query.column ?? 'inUse', query, untilGone(reply))
        return send(request, reply, query, answer, now())
      },
    )
    app.get(
      '/history/store',
      { schema: { summary: 'What is kept, and what was lost', response: { 200: HistoryStoreSchema } } },
      () => history.status(),
    )
    app.get(
      '/history/export',
      {
        config: { rateLimit: { max: 10, timeWindow: 60_000 } },
        schema: {
          summary: 'A range as a file that can be replayed',
          querystring: Type.Object({
            fromMs: Type.Number({ minimum: 0 }),
            toMs: Type.Number({ minimum: 0 }),
          }),
        },
      },
      async ({ query }, reply) => {
        checkRange(query)
        const { store } = history
        if (store === null) throw new ApiError('history_unavailable', history.status().message ?? '')
        const dir = await mkdtemp(join(tmpdir(), 'poolscope-export-'))
        reply.raw.once('close', () => void rm(dir, { recursive: true, force: true }))
        await store.copyTo(dir, query.fromMs, query.toMs).catch(refuseUnavailable)
        void reply.type('application/vnd.sqlite3')
        return reply.send(createReadStream(join(dir, FILE_NAME)))
      },
    )
    done()
  }
}

/** @throws ApiError for an expected failure of the store, else the error itself */
export function refuseUnavailable(error: unknown): never {
  throw error instanceof HistoryError ? new ApiError('history_unavailable', error.message) : error
}

/** @throws ApiError when the range ends before it begins */
export function checkRange({ fromMs, toMs }: Range): void {
  if (fromMs === undefined || toMs === undefined || fromMs <= toMs) return
  throw new ApiError('invalid_request', 'querystring/fromMs: must not be after toMs.')
}

/** Aborted when the client goes away before it has its answer. */
function untilGone(reply: FastifyReply): AbortSignal {
  const gone = new AbortController()
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort()
  })
  return gone.signal
}

/** Answers with a tag of the content; what is wholly past may be kept for a while. */
function send(
  { headers }: Pick<FastifyRequest, 'headers'>,
  reply: FastifyReply,
  { fromMs, toMs }: Range,
  { json, tag }: HistoryBody,
  nowMs: number,
) {
  const etag = `"${tag}"`
  const isPast = fromMs !== undefined && toMs !== undefined && toMs < nowMs - SETTLED_MS
  void reply.header('etag', etag).header('cache-control', isPast ? KEPT_BY_BROWSERS : 'no-cache')
  if (headers['if-none-match'] === etag) return reply.status(304).send()
  return reply.type('application/json; charset=utf-8').send(json)
}
