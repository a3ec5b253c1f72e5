import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'

/** One request that a receiver got. */
type Received = { path: string; headers: IncomingHttpHeaders; body: string; atMs: number }

/** An HTTP server that keeps what it gets, and answers as the test says. */
export type Receiver = {
  url: string
  got: Received[]
  /** Status and headers of the next answers, in turn; 200 when there are none left. `hang` never answers. */
  answers: ({ status: number; headers?: Record<string, string> } | 'hang')[]
  stop(): Promise<void>
}

export async function startReceiver(): Promise<Receiver> {
  const got: Received[] = []
  const answers: Receiver['answers'] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString()
      got.push({ path: request.url ?? '', headers: request.headers, body, atMs: Date.now() })
      const answer = answers.shift() ?? { status: 200 }
      if (answer === 'hang') return
      response.writeHead(answer.status, answer.headers).end('ok')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    got,
    answers,
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
