import type { Socket } from 'node:net'

/**
 * One packet of the client/server protocol: its place in an exchange, and what it carries.
 * @see https://dev.mysql.com/doc/dev/mysql-server/8.4.3/page_protocol_basic_packets.html
 */
export type MysqlPacket = { sequence: number; payload: Buffer }

/** Header bytes that tell what a packet of the server is. */
export const OK = 0x00
export const MORE_DATA = 0x01
export const SWITCH = 0xfe
export const ERROR = 0xff
/** Header bytes of the commands whose text is SQL. */
export const SQL_COMMANDS: ReadonlySet<number> = new Set([0x03, 0x16])

/** One side of a connection, packet by packet. */
export class MysqlPackets {
  readonly #socket: Socket
  readonly #chunks: AsyncIterator<Buffer>
  #rest: Buffer = Buffer.alloc(0)

  constructor(socket: Socket) {
    this.#socket = socket
    this.#chunks = socket[Symbol.asyncIterator]()
  }

  /** The next packet; null when the connection has ended. */
  async next(): Promise<MysqlPacket | null> {
    for (;;) {
      const length = this.#rest.length < 4 ? null : this.#rest.readUIntLE(0, 3)
      if (length !== null && this.#rest.length >= 4 + length) {
        const packet = { sequence: this.#rest.readUInt8(3), payload: this.#rest.subarray(4, 4 + length) }
        this.#rest = this.#rest.subarray(4 + length)
        return packet
      }
      const { done, value } = await this.#chunks.next().catch(() => ({ done: true, value: undefined }))
      if (done === true || value === undefined) return null
      this.#rest = this.#rest.length === 0 ? value : Buffer.concat([this.#rest, value])
    }
  }

  write({ sequence, payload }: MysqlPacket): void {
    const header = Buffer.alloc(4)
    header.writeUIntLE(payload.length, 0, 3)
    header.writeUInt8(sequence & 0xff, 3)
    if (this.#socket.writable) this.#socket.write(Buffer.concat([header, payload]))
  }

  end(): void {
    this.#socket.destroy()
  }
}

/** An error as a server sends it. @see https://dev.mysql.com/doc/dev/mysql-server/8.4.3/page_protocol_basic_err_packet.html */
export function errorPayload(number: number, sqlState: string, message: string): Buffer {
  const head = Buffer.from([ERROR, number & 0xff, number >> 8])
  return Buffer.concat([head, Buffer.from(`#${sqlState}${message}`)])
}

/** The number of an error. */
export function errorNumber(payload: Buffer): number {
  return payload.readUInt16LE(1)
}

/** Text up to the next zero byte, and where what follows it begins. */
export function textAt(payload: Buffer, from: number): { text: string; next: number } {
  const end = payload.indexOf(0, from)
  const to = end === -1 ? payload.length : end
  return { text: payload.toString('utf8', from, to), next: to + 1 }
}
