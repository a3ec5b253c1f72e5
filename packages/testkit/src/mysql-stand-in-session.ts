import { connect, type Socket } from 'node:net'
import { nativeLogin, readGreeting, writeGreeting } from './mysql-handshake.ts'
import { SHA2_PLUGIN, type Sha2Passwords } from './mysql-sha2.ts'
import { ADMIN_DOOR_SQL, ERRORS, refusalOf, translateSql } from './mysql-stand-in-sql.ts'
import { ERROR, errorNumber, errorPayload, MysqlPackets, OK, SQL_COMMANDS } from './mysql-wire.ts'

const TOO_MANY = 1040

/** What a session is told by its stand-in. */
export type StandInHost = {
  readonly version: string
  readonly passwords: Sha2Passwords
  /** Logins that were turned away for want of a place. */
  refused: number
}

/** One session: a client that sees a MySQL, and the MariaDB that does its work. */
export class StandInSession {
  readonly #host: StandInHost
  readonly #client: MysqlPackets
  readonly #server: MysqlPackets
  readonly #admin: boolean

  /** @param admin it came by the door of administrators */
  constructor(host: StandInHost, socket: Socket, backendPort: number, admin: boolean, onEnd: () => void) {
    const backend = connect({ host: '127.0.0.1', port: backendPort, noDelay: true })
    for (const side of [socket, backend]) {
      side.on('error', () => {})
      side.on('close', () => {
        this.end()
        onEnd()
      })
    }
    socket.setNoDelay(true)
    this.#host = host
    this.#admin = admin
    this.#client = new MysqlPackets(socket)
    this.#server = new MysqlPackets(backend)
    void this.#run()
  }

  end(): void {
    this.#client.end()
    this.#server.end()
  }

  async #run(): Promise<void> {
    // What makes no sense, a server answers by hanging up.
    const entered = await this.#logIn().catch(() => false)
    if (entered) await Promise.all([this.#relayCommands(), this.#relayAnswers()])
    else this.#client.end()
    this.#server.end()
  }

  async #logIn(): Promise<boolean> {
    const { passwords, version } = this.#host
    const hello = await this.#server.next()
    if (hello === null) return false
    if (hello.payload[0] === ERROR) {
      this.#countRefusal(hello.payload)
      this.#client.write(hello)
      return false
    }
    const greeting = readGreeting(hello.payload)
    const nonce = passwords.nonce()
    this.#client.write({ sequence: 0, payload: writeGreeting(version, SHA2_PLUGIN, nonce, greeting) })
    const asked = await passwords.read(this.#client, nonce)
    if (asked === null) return false
    const { login, password } = asked
    this.#server.write({ sequence: 1, payload: nativeLogin(login, password, greeting.nonce) })
    const answer = await this.#server.next()
    if (answer === null) return false
    const refusal = answer.payload[0] === OK && this.#admin ? await this.#adminRefusal() : null
    const payload = refusal ?? answer.payload
    this.#client.write({ sequence: asked.sequence + 1, payload: translateError(payload) })
    this.#countRefusal(payload)
    if (payload[0] !== OK) return false
    passwords.keep(login.user, password)
    return true
  }

  /** A server that is full says so at once, or after the login where a place was kept for an administrator. */
  #countRefusal(payload: Buffer): void {
    if (payload[0] === ERROR && errorNumber(payload) === TOO_MANY) this.#host.refused += 1
  }

  async #adminRefusal(): Promise<Buffer | null> {
    this.#server.write({ sequence: 0, payload: Buffer.from(`\x03${ADMIN_DOOR_SQL}`) })
    const answer = await this.#server.next()
    return answer === null || answer.payload[0] === OK ? null : answer.payload
  }

  async #relayCommands(): Promise<void> {
    for (;;) {
      const packet = await this.#client.next()
      if (packet === null) return this.#server.end()
      const [command = 0] = packet.payload
      if (packet.sequence !== 0 || !SQL_COMMANDS.has(command)) {
        this.#server.write(packet)
        continue
      }
      const sql = packet.payload.toString('utf8', 1)
      const refusal = refusalOf(sql)
      if (refusal !== null) {
        const { number, sqlState, message } = refusal
        this.#client.write({ sequence: 1, payload: errorPayload(number, sqlState, message) })
        continue
      }
      const said = Buffer.from(translateSql(sql, this.#host.version, this.#host.refused))
      this.#server.write({ sequence: 0, payload: Buffer.concat([Buffer.from([command]), said]) })
    }
  }

  async #relayAnswers(): Promise<void> {
    for (;;) {
      const packet = await this.#server.next()
      if (packet === null) return this.#client.end()
      this.#client.write({ ...packet, payload: translateError(packet.payload) })
    }
  }
}

function translateError(payload: Buffer): Buffer {
  const other = payload[0] === ERROR ? ERRORS.get(errorNumber(payload)) : undefined
  return other === undefined ? payload : errorPayload(other.number, other.sqlState, other.message)
}
