// Serves the built harness under /bench/ and the built dashboard with a large synthetic fleet under /.
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { extname, join, normalize } from 'node:path'
import { gzipSync } from 'node:zlib'
import { WebSocketServer } from 'ws'

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** As the agent has it: each page as it is painted before its scripts run. */
const pageOf = (path) => (path.startsWith('/bench/') ? 'index.html' : `shells/${path.split('/')[1]}.html`)

function encoded(answer) {
  return typeof answer === 'string'
    ? {
        headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
        body: gzipSync(answer, { level: 1 }),
      }
    : { headers: { 'content-type': 'application/octet-stream' }, body: answer }
}

/**
 * @param dirs `bench` and `app`: the two built folders
 * @param answers by path of the API: JSON, or bytes, which the agent does not compress either
 * @param messages what a live socket is told at once
 */
export async function serve({ dirs, answers, messages }) {
  const cache = new Map()
  const packed = async (path) => {
    if (!cache.has(path)) cache.set(path, gzipSync(await readFile(path)))
    return cache.get(path)
  }
  const server = createServer(async (request, response) => {
    const path = normalize(new URL(request.url, 'http://localhost').pathname)
    const answer = answers[path]
    if (answer !== undefined) {
      // Kept: what is measured is the page, not how fast this server makes up a fleet.
      if (!cache.has(path)) cache.set(path, encoded(answer()))
      const { headers, body } = cache.get(path)
      response.writeHead(200, headers)
      response.end(body)
      return
    }
    const [dir, rest] = path.startsWith('/bench/') ? [dirs.bench, path.slice(7)] : [dirs.app, path.slice(1)]
    const file = extname(rest) === '' ? pageOf(path) : rest
    try {
      const body = await packed(join(dir, file))
      response.writeHead(200, {
        'content-type': TYPES[extname(file)] ?? 'text/plain',
        'content-encoding': 'gzip',
      })
      response.end(body)
    } catch {
      response.writeHead(404).end()
    }
  })
  let hello
  const sockets = new WebSocketServer({ server, path: '/api/v1/live' })
  sockets.on('connection', (socket) => {
    hello ??= messages()
    for (const message of hello) socket.send(message)
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    close: () => {
      for (const socket of sockets.clients) socket.terminate()
      server.closeAllConnections()
      return new Promise((resolve) => server.close(resolve))
    },
  }
}
