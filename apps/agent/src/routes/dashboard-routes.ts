import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import fastifyStatic, { type SetHeadersResponse } from '@fastify/static'
import type { FastifyInstance, RouteShorthandOptions } from 'fastify'

/** A year: the name of an asset carries the hash of its content. */
const FOREVER = 'public, max-age=31536000, immutable'
const POLICY = 'content-security-policy'

/**
 * The built dashboard. Whatever a browser opens that is neither a file nor an answer of the agent is a page of it, so
 * that a link into it works; ids hold dots, so the path alone does not tell a page from a file.
 * @param dir folder with index.html, embed.html, assets/ and shells/, compressed copies beside them; a shell is a page as it is
 *   painted before its scripts run, by the first part of the page's address, and `page.html` is for all others
 * @param framed what the route of a card in a frame of another site has for options
 */
export async function dashboardRoutes(
  app: FastifyInstance,
  dir: string,
  framed: RouteShorthandOptions,
): Promise<void> {
  await app.register(fastifyStatic, {
    root: dir,
    preCompressed: true,
    dotfiles: 'deny',
    wildcard: false,
    cacheControl: false,
    setHeaders: (response, path) => {
      void response.setHeader('cache-control', path.includes('/assets/') ? FOREVER : 'no-cache')
      if (path.includes('/assets/replay-worker-')) allowWebAssembly(response)
    },
  })
  const shells = new Set(await readdir(join(dir, 'shells')))
  app.get('/embed/pools/:id', { ...framed, schema: { hide: true } }, (_request, reply) =>
    reply.sendFile('embed.html'),
  )
  app.get('/*', { schema: { hide: true } }, (request, reply) => {
    const path = request.url.split('?')[0] ?? ''
    const own = /^\/(api|assets|embed|health|metrics)(\/|$)/.test(path)
    const isPage = !own && (request.headers.accept ?? '').includes('text/html')
    if (!isPage) return reply.callNotFound()
    const shell = `${path.split('/')[1]}.html`
    return reply.sendFile(`shells/${shells.has(shell) ? shell : 'page.html'}`)
  })
}

/** For the script of a worker, whose policy is its own: no page may do so. */
function allowWebAssembly(response: SetHeadersResponse): void {
  const policy = response.getHeader(POLICY)
  if (typeof policy !== 'string') return
  void response.setHeader(POLICY, policy.replace("script-src 'self'", "$& 'wasm-unsafe-eval'"))
}
