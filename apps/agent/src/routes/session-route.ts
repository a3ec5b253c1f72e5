import type { FastifyInstance } from 'fastify'
import Type, { type Static } from 'typebox'
import { type Access, SESSION_COOKIE } from '../security/access.ts'

const Body = Type.Object(
  { token: Type.String({ minLength: 1, maxLength: 500 }) },
  { additionalProperties: false },
)

/** `POST /api/v1/session`: the token against a cookie that scripts cannot read. */
export function sessionRoute(app: FastifyInstance, access: Access): void {
  app.post<{ Body: Static<typeof Body> }>(
    '/api/v1/session',
    {
      config: { rateLimit: { max: 5, timeWindow: 60_000 } },
      schema: { summary: 'Sign a browser in', body: Body },
    },
    (request, reply) => {
      const { id, maxAgeSec } = access.signIn(request.body.token)
      void reply
        .setCookie(SESSION_COOKIE, id, {
          path: '/',
          httpOnly: true,
          sameSite: 'strict',
          secure: request.protocol === 'https',
          maxAge: maxAgeSec,
        })
        .status(204)
        .send()
    },
  )
}
