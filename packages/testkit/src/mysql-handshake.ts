import { createHash } from 'node:crypto'
import { textAt } from './mysql-wire.ts'

const CONNECT_WITH_DB = 1 << 3
const COMPRESS = 1 << 5
const SSL = 1 << 11
const LENENC_AUTH = 1 << 21
/** What a server of ours does not offer: compression, TLS, and all that came after 2014. */
const OFFERED = ~(COMPRESS | SSL) & 0x03ff_ffff
/** Set by a MySQL; a MariaDB leaves it out to tell itself. */
const IS_MYSQL = 1

/**
 * What a server says first.
 * @see https://dev.mysql.com/doc/dev/mysql-server/8.4.3/page_protocol_connection_phase_packets_protocol_handshake_v10.html
 */
export type Greeting = { threadId: number; nonce: Buffer; capabilities: number; rest: Buffer }

/** @param payload a greeting of protocol version 10 */
export function readGreeting(payload: Buffer): Greeting {
  const { next } = textAt(payload, 1)
  const capabilities = payload.readUInt16LE(next + 13) | (payload.readUInt16LE(next + 18) << 16)
  const nonce = Buffer.concat([
    payload.subarray(next + 4, next + 12),
    payload.subarray(next + 31, next + 31 + 12),
  ])
  // Character set and status, between the two halves of the capabilities.
  return {
    threadId: payload.readUInt32LE(next),
    nonce,
    capabilities,
    rest: payload.subarray(next + 15, next + 18),
  }
}

/** The greeting of a MySQL for the same session. */
export function writeGreeting(version: string, plugin: string, nonce: Buffer, greeting: Greeting): Buffer {
  const capabilities = ((greeting.capabilities & OFFERED) | IS_MYSQL) >>> 0
  const numbers = Buffer.alloc(4)
  numbers.writeUInt32LE(greeting.threadId)
  const halves = Buffer.alloc(4)
  halves.writeUInt32LE(capabilities)
  return Buffer.concat([
    Buffer.from([10]),
    Buffer.from(`${version}\0`),
    numbers,
    nonce.subarray(0, 8),
    Buffer.from([0]),
    halves.subarray(0, 2),
    greeting.rest,
    halves.subarray(2),
    Buffer.from([nonce.length + 1]),
    Buffer.alloc(10),
    nonce.subarray(8),
    Buffer.from(`\0${plugin}\0`),
  ])
}

/**
 * How a client answers a greeting.
 * @see https://dev.mysql.com/doc/dev/mysql-server/8.4.3/page_protocol_connection_phase_packets_protocol_handshake_response.html
 */
export type Login = {
  head: Buffer
  user: string
  token: Buffer
  database: string | null
  tail: Buffer
  plugin: string
}

/** @param payload an answer of protocol 4.1 whose token is shorter than 251 bytes, as all of them are */
export function readLogin(payload: Buffer): Login {
  const capabilities = payload.readUInt32LE(0)
  const { text: user, next } = textAt(payload, 32)
  const tokenEnd = next + 1 + payload.readUInt8(next)
  const named = (capabilities & CONNECT_WITH_DB) !== 0 ? textAt(payload, tokenEnd) : null
  const { text: plugin, next: end } = textAt(payload, named?.next ?? tokenEnd)
  return {
    head: payload.subarray(0, next),
    user,
    token: payload.subarray(next + 1, tokenEnd),
    database: named?.text ?? null,
    tail: payload.subarray(end),
    plugin,
  }
}

/** The same login by `mysql_native_password`. @param nonce of the server that is to take it */
export function nativeLogin(login: Login, password: string, nonce: Buffer): Buffer {
  const { head, database, tail } = login
  const token = nativeToken(password, nonce)
  const flags = Buffer.from(head)
  flags.writeUInt32LE((head.readUInt32LE(0) & ~LENENC_AUTH) >>> 0, 0)
  return Buffer.concat([
    flags,
    Buffer.from([token.length]),
    token,
    Buffer.from(database === null ? '' : `${database}\0`),
    Buffer.from('mysql_native_password\0'),
    tail,
  ])
}

function nativeToken(password: string, nonce: Buffer): Buffer {
  if (password === '') return Buffer.alloc(0)
  const once = sha1(Buffer.from(password))
  const mask = sha1(Buffer.concat([nonce, sha1(once)]))
  return Buffer.from(once.map((byte, i) => byte ^ (mask[i] as number)))
}

function sha1(data: Buffer): Buffer {
  return createHash('sha1').update(data).digest()
}
