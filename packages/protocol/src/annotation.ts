import Type, { type Static } from 'typebox'
import { NullableString } from './names.ts'
import { ANNOTATION_KINDS } from './words.ts'

/** Something that happened at a moment, drawn on every chart that it concerns. */
export const AnnotationSchema = Type.Object({
  id: Type.String(),
  atMs: Type.Number(),
  kind: Type.Enum(ANNOTATION_KINDS),
  text: Type.String({ description: 'one sentence' }),
  service: { ...NullableString, description: 'the service that it is about; null when about no certain one' },
  poolId: { ...NullableString, description: 'the pool or pool group that it is about' },
  serverId: { ...NullableString, description: 'the server that it is about' },
  tags: Type.Array(Type.String()),
})
export type Annotation = Static<typeof AnnotationSchema>

/** Body of `POST /api/v1/annotations`: a deploy. */
export const NewAnnotationSchema = Type.Object(
  {
    text: Type.String({ minLength: 1, maxLength: 500 }),
    atMs: Type.Optional(Type.Number({ minimum: 0, maximum: 4e12, description: 'now unless given' })),
    service: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
    tags: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 100 }), { maxItems: 16 })),
  },
  { additionalProperties: false },
)
export type NewAnnotation = Static<typeof NewAnnotationSchema>

/**
 * Query of `GET /api/v1/annotations`. With a subject named, those about any of the named subjects and those about
 * none; without, all.
 */
export const AnnotationQuerySchema = Type.Object({
  fromMs: Type.Optional(Type.Number({ minimum: 0 })),
  toMs: Type.Optional(Type.Number({ minimum: 0 })),
  service: Type.Optional(Type.String({ maxLength: 200 })),
  poolId: Type.Optional(Type.String({ maxLength: 300, description: 'of a pool or a pool group' })),
  serverId: Type.Optional(Type.String({ maxLength: 300 })),
})
export type AnnotationQuery = Static<typeof AnnotationQuerySchema>

/** `GET /api/v1/annotations`, oldest first; the newest 1,000 where there are more. */
export const AnnotationsSchema = Type.Object({ annotations: Type.Array(AnnotationSchema) })
export type Annotations = Static<typeof AnnotationsSchema>
