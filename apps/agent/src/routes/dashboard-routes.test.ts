import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fastify, { type FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dashboardRoutes } from './dashboard-routes.ts'

describe('dashboardRoutes', () => {
  let dir: string
  let app: FastifyInstance
  const open = (url: string, accept = 'text/html') => app.inject({ url, headers: { accept } })

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'poolscope-dashboard-'))
    await mkdir(join(dir, 'shells'))
    for (const name of ['index', 'embed', 'shells/map', 'shells/pools', 'shells/page']) {
      await writeFile(join(dir, `${name}.html`), name)
    }
    await mkdir(join(dir, 'assets'))
    for (const name of ['replay-worker-1a', 'main-2b']) await writeFile(join(dir, `assets/${name}.js`), name)
    app = fastify()
    app.addHook('onRequest', (_request, reply, done) => {
      reply.raw.setHeader('content-security-policy', "default-src 'none';script-src 'self';img-src 'self'")
      done()
    })
    await dashboardRoutes(app, dir, {})
  })
  afterAll(async () => {
    await app.close()
    await rm(dir, { recursive: true })
  })

  it('answers each page with what it is painted with first', async () => {
    expect((await open('/')).body).toBe('index')
    expect((await open('/map?from=-1h')).body).toBe('shells/map')
    expect((await open('/pools/shop.orders')).body).toBe('shells/pools')
    expect((await open('/embed/pools/shop.orders')).body).toBe('embed')
  })

  it('has one shell for pages that have none of their own', async () => {
    expect((await open('/blackbox')).body).toBe('shells/page')
    expect((await open('/constructor')).body).toBe('shells/page')
    expect((await open('/..%2fembed')).body).toBe('shells/page')
  })

  it('gives no page to who asks for something else', async () => {
    expect((await open('/api/v1/nothing')).statusCode).toBe(404)
    expect((await open('/map', 'application/json')).statusCode).toBe(404)
  })

  it('lets the worker of the replay compile WebAssembly, and no page', async () => {
    const policyOf = async (url: string) => (await open(url)).headers['content-security-policy']
    expect(await policyOf('/assets/replay-worker-1a.js')).toBe(
      "default-src 'none';script-src 'self' 'wasm-unsafe-eval';img-src 'self'",
    )
    for (const url of ['/map', '/assets/main-2b.js']) {
      expect(await policyOf(url)).toBe("default-src 'none';script-src 'self';img-src 'self'")
    }
  })

  it('has every page asked for anew, since it names the scripts of its version', async () => {
    expect((await open('/map')).headers['cache-control']).toBe('no-cache')
  })
})
