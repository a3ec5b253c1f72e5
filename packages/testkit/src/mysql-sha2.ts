import { constants, createHash, generateKeyPairSync, privateDecrypt, randomBytes } from 'node:crypto'
import { type Login, readLogin } from './mysql-handshake.ts'
import { MORE_DATA, type MysqlPackets, SWITCH } from './mysql-wire.ts'

export const SHA2_PLUGIN = 'caching_sha2_password'
const NONCE_LENGTH = 20
const REQUEST_KEY = 2
const FAST_SUCCESS = 3
const FULL_AUTHENTICATION = 4

/**
 * The server's side of `caching_sha2_password`: who came once is let in by the hash that is kept, everybody else has to
 * send the password, encrypted for the server's key.
 * @see https://dev.mysql.com/doc/dev/mysql-server/8.4.3/page_caching_sha2_authentication_exchanges.html
 * @see https://dev.mysql.com/doc/refman/8.4/en/caching-sha2-pluggable-authentication.html
 */
export class Sha2Passwords {
  readonly #keys = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  /** Passwords that the server took, by user. */
  readonly #cache = new Map<string, string>()
  /** Logins that went either way, for tests that tell them apart. */
  readonly logins = { fast: 0, full: 0 }

  /** A nonce without a zero byte, which would end it early. */
  nonce(): Buffer {
    return Buffer.from(randomBytes(NONCE_LENGTH).map((byte) => (byte % 127) + 1))
  }

  /** Reads a login to its end: who it is, with which password. @returns null when the client left, or made no sense */
  async read(
    client: MysqlPackets,
    nonce: Buffer,
  ): Promise<{ login: Login; password: string; sequence: number } | null> {
    const first = await client.next()
    if (first === null) return null
    const login = readLogin(first.payload)
    let { sequence } = first
    let { token } = login
    const ask = async (payload: Buffer) => {
      client.write({ sequence: sequence + 1, payload })
      const packet = await client.next()
      sequence = packet?.sequence ?? sequence
      return packet?.payload ?? null
    }
    if (login.plugin !== SHA2_PLUGIN) {
      const request = [Buffer.from([SWITCH]), Buffer.from(`${SHA2_PLUGIN}\0`), nonce, Buffer.from([0])]
      const answer = await ask(Buffer.concat(request))
      if (answer === null) return null
      token = answer
    }
    if (token.length === 0) return { login, password: '', sequence }
    const known = this.#cache.get(login.user)
    if (known !== undefined && tokenOf(known, nonce).equals(token)) {
      this.logins.fast += 1
      client.write({ sequence: sequence + 1, payload: Buffer.from([MORE_DATA, FAST_SUCCESS]) })
      return { login, password: known, sequence: sequence + 1 }
    }
    this.logins.full += 1
    const request = await ask(Buffer.from([MORE_DATA, FULL_AUTHENTICATION]))
    if (request?.[0] !== REQUEST_KEY) return null
    const secret = await ask(Buffer.concat([Buffer.from([MORE_DATA]), Buffer.from(this.#keys.publicKey)]))
    return secret === null ? null : { login, password: this.#decrypt(secret, nonce), sequence }
  }

  /** Keeps a password that the server took. */
  keep(user: string, password: string): void {
    this.#cache.set(user, password)
  }

  #decrypt(secret: Buffer, nonce: Buffer): string {
    const key = { key: this.#keys.privateKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' }
    const mixed = privateDecrypt(key, secret)
    // The last byte is the zero that ends the text.
    return Buffer.from(mixed.map((byte, i) => byte ^ (nonce[i % nonce.length] as number)))
      .subarray(0, -1)
      .toString()
  }
}

function tokenOf(password: string, nonce: Buffer): Buffer {
  const once = sha256(Buffer.from(password))
  const mask = sha256(Buffer.concat([sha256(once), nonce]))
  return Buffer.from(once.map((byte, i) => byte ^ (mask[i] as number)))
}

function sha256(data: Buffer): Buffer {
  return createHash('sha256').update(data).digest()
}
