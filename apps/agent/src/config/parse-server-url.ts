import type { System } from '@poolscope/protocol'
import { addressOf, SUPPORTED_SYSTEMS } from '../sources/create-source.ts'
import type { ServerTarget } from './config.ts'

const SYSTEM_OF_SCHEME: Record<string, System> = {
  postgresql: 'postgresql',
  postgres: 'postgresql',
  socket: 'postgresql',
  mysql: 'mysql',
  mariadb: 'mariadb',
  mongodb: 'mongodb',
  redis: 'redis',
  rediss: 'redis',
  unix: 'redis',
  valkey: 'redis',
  valkeys: 'redis',
  pgbouncer: 'pgbouncer',
}

const EXAMPLE = 'postgresql://poolscope@db.internal:5432/app'

/** A server, or what is wrong with its URL in words that quote nothing of it. */
export type ParsedServerUrl = { target: ServerTarget } | { problem: string }

/**
 * Reads the URL of a server to watch. Driver prefixes of other languages (`jdbc:postgresql:`,
 * `postgresql+psycopg2:`) are taken for what they mean.
 * @param name what people see; null takes the address
 */
export function parseServerUrl(given: string, name: string | null): ParsedServerUrl {
  const url = given.trim().replace(/^jdbc:/i, '')
  const scheme = url.startsWith('/')
    ? 'socket'
    : /^([a-z][a-z0-9]*)(?:\+[a-z0-9]+)?:\/?/i.exec(url)?.[1]?.toLowerCase()
  const system = scheme === undefined ? undefined : SYSTEM_OF_SCHEME[scheme]
  if (system === undefined) return { problem: `expected a URL such as ${EXAMPLE}` }
  if (!SUPPORTED_SYSTEMS.includes(system)) {
    return {
      problem: `${system} servers are not supported yet in this version; supported: ${SUPPORTED_SYSTEMS.join(', ')}`,
    }
  }
  // `mongodb+srv:` is no prefix of a language: DNS names the members.
  const plain = url.replace(/^([a-z][a-z0-9]*)\+(?!srv:)[a-z0-9]+:/i, '$1:')
  try {
    const address = addressOf(system, plain)
    return { target: { system, name: name ?? address, address, url: plain } }
  } catch (error) {
    return { problem: problemOf(error) }
  }
}

/** The same URL with a password, which may stand in any of its forms. */
export function withPassword(url: string, password: string): string {
  return `${url}${url.includes('?') ? '&' : '?'}password=${encodeURIComponent(password)}`
}

function problemOf(error: unknown): string {
  if (error instanceof Error && 'path' in error && typeof error.path === 'string') {
    return `expected a certificate that can be read at ${error.path}`
  }
  return `expected a URL such as ${EXAMPLE}; special characters in names and passwords are written as %XX`
}
