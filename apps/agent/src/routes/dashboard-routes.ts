import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'

/** A year: the name of an asset carries the hash of its content. */
const FOREVER = 'public, max-age=31536000, immutable'

/**
 * The built dashboard. Whatever a browser opens that is neither a file nor an answer of the agent is a page of it, so
 * that a link into it works; ids hold dots, so the path alone does not tell a page from a file.
 * @param dir folder with index.html and assets/, compressed copies beside them
 */
export async function dashboardRoutes(app: FastifyInstance, dir: string): Promise<void> {
  await app.register(fastifyStatic, {
    root: dir,
    preCompressed: true,
    dotfiles: 'deny',
    wildcard: false,
    cacheControl: false,
    setHeaders: (reply, path) => {
      void reply.setHeader('cache-control', path.includes('/assets/') ? FOREVER : 'no-cache')
    },
  })
  app.get('/*', { schema: { hide: true } }, (request, reply) => {
    const path = request.url.split('?')[0] ?? ''
    const own = /^\/(api|assets|health|metrics)(\/|$)/.test(path)
    const isPage = !own && (request.headers.accept ?? '').includes('text/html')
    if (!isPage) return reply.callNotFound()
    return reply.sendFile('index.html')
  })
}
