import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox'
import { EmbedRequestSchema, EmbedSchema, ErrorBodySchema } from '@poolscope/protocol'
import type { Fleet } from '../fleet/fleet.ts'
import { mintEmbedToken } from '../security/embed-token.ts'
import { ApiError } from './api-error.ts'

/** What embedding needs to know. */
export type EmbedOptions = {
  /** The agent's own token; null when nobody is asked for one. */
  token: string | null
  /** Origins whose pages may frame a card. */
  parents: readonly string[]
  now: () => number
}

/** `POST /embeds`: a link to a card of one pool group, for a frame on another site. */
export function embedRoutes(fleet: Fleet, options: EmbedOptions): FastifyPluginCallbackTypebox {
  return (app, _options, done) => {
    app.post(
      '/embeds',
      {
        schema: {
          summary: 'A link to a card of one pool group, for a frame on another site',
          body: EmbedRequestSchema,
          response: { 200: EmbedSchema, 400: ErrorBodySchema, 404: ErrorBodySchema },
        },
      },
      ({ body: { groupId, ttlSec } }) => {
        if (fleet.group(groupId) === undefined) {
          throw new ApiError('not_found', 'There is no pool group of that id.')
        }
        const path = `/embed/pools/${encodeURIComponent(groupId)}`
        const parents = [...options.parents]
        if (options.token === null) return { path, expiresAtMs: null, parents }
        const expiresAtMs = options.now() + ttlSec * 1000
        const token = mintEmbedToken(options.token, { groupId, expiresAtMs })
        return { path: `${path}#t=${token}`, expiresAtMs, parents }
      },
    )
    done()
  }
}
