import Type, { type Static } from 'typebox'
import { NullableNumber } from './names.ts'

/** Longest life of an embed link, seconds: what is handed out ends within a month even when it is forgotten. */
export const MAX_EMBED_TTL_SEC = 31 * 24 * 3600

/** `POST /api/v1/embeds` */
export const EmbedRequestSchema = Type.Object(
  {
    groupId: Type.String({ minLength: 1, maxLength: 300, description: 'the pool group that is shown' }),
    ttlSec: Type.Integer({ minimum: 60, maximum: MAX_EMBED_TTL_SEC, description: 'life of the link, s' }),
  },
  { additionalProperties: false },
)
export type EmbedRequest = Static<typeof EmbedRequestSchema>

/** A link to a card that another site may show in a frame. */
export const EmbedSchema = Type.Object({
  path: Type.String({
    description: 'from the root of the agent; what grants access stands behind #, which no server is sent',
  }),
  expiresAtMs: { ...NullableNumber, description: 'null where the agent asks nobody for a token' },
  parents: Type.Array(Type.String(), { description: 'origins whose pages may frame it' }),
})
export type Embed = Static<typeof EmbedSchema>
