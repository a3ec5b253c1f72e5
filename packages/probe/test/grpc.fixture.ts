import { Client, credentials, Server, ServerCredentials, type ServiceError } from '@grpc/grpc-js'

const same = (buffer: Buffer) => buffer
const METHOD = {
  requestSerialize: same,
  requestDeserialize: same,
  responseSerialize: same,
  responseDeserialize: same,
}

/** A server with one method that answers when it is told to, and one that streams until then. */
export class HeldCalls {
  readonly #server = new Server()
  readonly #held = new Map<string, () => void>()
  readonly #arrivals = new Map<string, () => void>()
  calls = 0
  port = 0

  static async start(port = 0): Promise<HeldCalls> {
    const held = new HeldCalls()
    await held.#listen(port)
    return held
  }

  async #listen(port: number): Promise<void> {
    const take = (key: string, answer: () => void) => {
      this.calls++
      if (key.startsWith('now')) return answer()
      this.#held.set(key, answer)
      this.#arrivals.get(key)?.()
    }
    this.#server.addService(
      {
        hold: { path: '/test/hold', requestStream: false, responseStream: false, ...METHOD },
        stream: { path: '/test/stream', requestStream: false, responseStream: true, ...METHOD },
      },
      {
        hold: (call: { request: Buffer }, callback: (error: null, reply: Buffer) => void) =>
          take(String(call.request), () => callback(null, Buffer.from('done'))),
        stream: (call: { request: Buffer; write(data: Buffer): void; end(): void }) => {
          call.write(Buffer.from('first'))
          take(String(call.request), () => call.end())
        },
      },
    )
    this.port = await new Promise((resolve, reject) =>
      this.#server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      ),
    )
  }

  arrived(key: string): Promise<void> {
    if (this.#held.has(key)) return Promise.resolve()
    return new Promise((resolve) => this.#arrivals.set(key, resolve))
  }

  answer(key: string): void {
    this.#held.get(key)?.()
  }

  async stop(): Promise<void> {
    this.#server.forceShutdown()
  }
}

export function clientOf(address: string): Client {
  return new Client(address, credentials.createInsecure(), {
    'grpc.use_local_subchannel_pool': 1,
    'grpc.initial_reconnect_backoff_ms': 100,
  })
}

/** Calls the method that holds. @throws ServiceError */
export function hold(client: Client, key: string, deadlineMs?: number): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const deadline = deadlineMs === undefined ? {} : { deadline: Date.now() + deadlineMs }
    const take = (error: ServiceError | null, reply?: Buffer) => (error ? reject(error) : resolve(reply))
    client.makeUnaryRequest('/test/hold', same, same, Buffer.from(key), deadline, take)
  })
}

/** Opens a stream of answers. */
export function stream(client: Client, key: string) {
  return client.makeServerStreamRequest('/test/stream', same, same, Buffer.from(key))
}
