import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto'

const ITERATIONS = 4096
const KEY_LENGTH = 32

/** What a server keeps of a password for SCRAM-SHA-256 (RFC 5802 and RFC 7677). */
export type ScramUser = { salt: Buffer; storedKey: Buffer; serverKey: Buffer }

/** Derives what a server keeps. The password is taken as it is, without SASLprep: ASCII only. */
export function scramUser(password: string): ScramUser {
  const salt = randomBytes(28)
  const salted = pbkdf2Sync(password, salt, ITERATIONS, KEY_LENGTH, 'sha256')
  return { salt, storedKey: hash(hmac(salted, 'Client Key')), serverKey: hmac(salted, 'Server Key') }
}

/** The server's half of one SCRAM-SHA-256 conversation. */
export class ScramServer {
  readonly user: string
  /** The first answer. */
  readonly challenge: string
  readonly #known: ScramUser | undefined
  readonly #nonce: string
  readonly #clientFirst: string

  /** @param first the client's first message, such as `n,,n=poolscope,r=…` */
  constructor(first: string, users: ReadonlyMap<string, ScramUser>) {
    this.#clientFirst = first.replace(/^[^,]*,[^,]*,/, '')
    this.user = (fieldOf(this.#clientFirst, 'n') ?? '').replaceAll('=2C', ',').replaceAll('=3D', '=')
    this.#known = users.get(this.user)
    this.#nonce = `${fieldOf(this.#clientFirst, 'r')}${randomBytes(18).toString('base64')}`
    // A user that does not exist gets a challenge as well.
    const salt = (this.#known?.salt ?? randomBytes(28)).toString('base64')
    this.challenge = `r=${this.#nonce},s=${salt},i=${ITERATIONS}`
  }

  /** Checks the client's proof. @returns the server's own signature; null where the proof is wrong */
  verify(final: string): string | null {
    const proof = Buffer.from(fieldOf(final, 'p') ?? '', 'base64')
    const known = this.#known
    if (known === undefined || fieldOf(final, 'r') !== this.#nonce || proof.length !== KEY_LENGTH) return null
    const auth = `${this.#clientFirst},${this.challenge},${final.replace(/,p=[^,]*$/, '')}`
    const clientKey = xor(proof, hmac(known.storedKey, auth))
    if (!timingSafeEqual(hash(clientKey), known.storedKey)) return null
    return `v=${hmac(known.serverKey, auth).toString('base64')}`
  }
}

/** The client's half of one SCRAM-SHA-256 conversation. */
export class ScramClient {
  readonly first: string
  readonly #password: string

  constructor(user: string, password: string) {
    this.#password = password
    const name = user.replaceAll('=', '=3D').replaceAll(',', '=2C')
    this.first = `n,,n=${name},r=${randomBytes(24).toString('base64')}`
  }

  /** The answer to the server's challenge. */
  answer(challenge: string): string {
    const salt = Buffer.from(fieldOf(challenge, 's') ?? '', 'base64')
    const salted = pbkdf2Sync(this.#password, salt, Number(fieldOf(challenge, 'i')), KEY_LENGTH, 'sha256')
    const final = `c=biws,r=${fieldOf(challenge, 'r')}`
    const key = hmac(salted, 'Client Key')
    const proof = xor(key, hmac(hash(key), `${this.first.slice(3)},${challenge},${final}`))
    return `${final},p=${proof.toString('base64')}`
  }
}

function fieldOf(message: string, name: string): string | undefined {
  return message
    .split(',')
    .find((field) => field.startsWith(`${name}=`))
    ?.slice(2)
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}

function hash(data: Buffer): Buffer {
  return createHash('sha256').update(data).digest()
}

function xor(a: Buffer, b: Buffer): Buffer {
  return Buffer.from(a.map((byte, i) => byte ^ (b[i] as number)))
}
