import type { Config } from './config.ts'
import { isHost, isLoopback, plainHost } from './listen-host.ts'
import { Problems } from './problems.ts'
import { readHistory } from './read-history.ts'
import { readNotifiers } from './read-notifiers.ts'
import { readRules } from './read-rules.ts'
import { readServers } from './read-servers.ts'
import type { SecretReader } from './secret-reader.ts'

const DEFAULT_HOST = '127.0.0.1'
const DEFAULT_PORT = 7077
/** 16 characters of a random token are beyond guessing at the rate that the agent answers. */
const MIN_TOKEN_LENGTH = 16
const LOG_LEVELS = ['silent', 'error', 'warn', 'info', 'debug'] as const
const FILE_KEYS = [
  'host',
  'port',
  'token',
  'tokenFile',
  'servers',
  'history',
  'rules',
  'notifiers',
  'publicUrl',
  'healthCompatibility',
  'allowedHosts',
  'allowedOrigins',
  'embedParents',
  'leakQuietMs',
  'knob',
  'logLevel',
] as const

/** What was given on the command line. */
type ConfigFlags = {
  host?: string | undefined
  port?: string | undefined
  data?: string | undefined
  servers?: readonly string[]
}

/** Everything that a configuration is made of. */
export type ConfigInput = {
  flags: ConfigFlags
  env: Readonly<Record<string, string | undefined>>
  /** What the configuration file says; undefined without one. */
  file?: unknown
  /** Reads a file that holds a secret. @throws Error when it cannot */
  readSecretFile: (path: string) => string
}

type Given = { value: unknown; path: string }

/**
 * Makes one checked configuration of flags, environment and file; the earlier wins. Changes nothing it is given:
 * what is wrong is refused.
 * @throws ConfigError with everything that is wrong, not only the first; holds no secret
 */
export function resolveConfig({ flags, env, file, readSecretFile }: ConfigInput): Config {
  const problems = new Problems()
  const secrets: SecretReader = { env, readFile: readSecretFile }
  const settings = problems.object(file ?? {}, 'config file', FILE_KEYS)
  const first = (...candidates: Given[]): Given | undefined =>
    candidates.find(({ value }) => value !== undefined && value !== '')
  const fromFile = (key: (typeof FILE_KEYS)[number]): Given => ({ value: settings[key], path: key })

  const host = readHost(
    first(
      { value: flags.host, path: '--host' },
      { value: env.POOLSCOPE_HOST, path: 'POOLSCOPE_HOST' },
      fromFile('host'),
    ),
    problems,
  )
  const port = readPort(
    first(
      { value: flags.port, path: '--port' },
      { value: env.POOLSCOPE_PORT, path: 'POOLSCOPE_PORT' },
      fromFile('port'),
    ),
    problems,
  )
  const fromEnv = { value: env.POOLSCOPE_TOKEN, path: 'POOLSCOPE_TOKEN' }
  const fromEnvFile = { value: env.POOLSCOPE_TOKEN_FILE, path: 'POOLSCOPE_TOKEN_FILE' }
  const token =
    first(fromEnv, fromEnvFile) === undefined
      ? readToken(fromFile('token'), fromFile('tokenFile'), secrets, problems)
      : readToken(fromEnv, fromEnvFile, secrets, problems)
  const config: Config = {
    host,
    port,
    token,
    servers: readServers({ urls: flags.servers ?? [], file: settings.servers, secrets, problems }),
    history: readHistory({
      dir: first(
        { value: flags.data, path: '--data' },
        { value: env.POOLSCOPE_DATA, path: 'POOLSCOPE_DATA' },
      ),
      file: settings.history,
      env,
      problems,
    }),
    allowedHosts: problems.list(
      settings.allowedHosts,
      'allowedHosts',
      allowedHost,
      'a host name without scheme and port',
    ),
    allowedOrigins: problems.list(
      settings.allowedOrigins,
      'allowedOrigins',
      allowedOrigin,
      'an origin such as https://portal.example.com',
    ),
    embedParents: problems.list(
      settings.embedParents,
      'embedParents',
      allowedOrigin,
      'an origin such as https://portal.example.com',
    ),
    leakQuietMs: readLeakQuietMs(settings.leakQuietMs, problems),
    rules: readRules(settings.rules, problems),
    knob: readFlag(settings.knob, 'knob', problems),
    notifiers: readNotifiers(settings.notifiers, secrets, problems),
    publicUrl: readPublicUrl(settings.publicUrl, problems),
    healthCompatibility: readFlag(settings.healthCompatibility, 'healthCompatibility', problems),
    logLevel: readLogLevel(settings.logLevel, problems),
  }
  if (!isLoopback(host) && token === null && !problems.concern('token')) {
    problems.add(
      'token',
      `expected one, because other machines can reach ${host}. Make one with: export POOLSCOPE_TOKEN=$(openssl rand -hex 32)`,
    )
  }
  problems.throwIfAny()
  return config
}

function readHost(given: Given | undefined, problems: Problems): string {
  if (given === undefined) return DEFAULT_HOST
  const host = typeof given.value === 'string' ? plainHost(given.value) : ''
  if (isHost(host)) return host
  problems.add(given.path, 'expected an IP address or a host name, without scheme and port')
  return DEFAULT_HOST
}

function readPort(given: Given | undefined, problems: Problems): number {
  if (given === undefined) return DEFAULT_PORT
  const text = String(given.value)
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text)
  problems.add(given.path, 'expected a whole number from 0 to 65535; 0 takes any free port')
  return DEFAULT_PORT
}

function readLogLevel(value: unknown, problems: Problems): Config['logLevel'] {
  if (value === undefined) return 'info'
  const level = LOG_LEVELS.find((known) => known === value)
  if (level === undefined) problems.add('logLevel', `expected one of ${LOG_LEVELS.join(', ')}`)
  return level ?? 'info'
}

/** Below it, every call of a neighbour service while holding a connection would be taken for a leak. */
const LEAST_QUIET_MS = 1000

function readLeakQuietMs(value: unknown, problems: Problems): Config['leakQuietMs'] {
  if (value === undefined) return {}
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    problems.add('leakQuietMs', 'expected a map of service/pool, or *, to milliseconds')
    return {}
  }
  const limits: Record<string, number> = {}
  for (const [pool, ms] of Object.entries(value)) {
    if (typeof ms === 'number' && ms >= LEAST_QUIET_MS && Number.isFinite(ms)) limits[pool] = ms
    else problems.add(`leakQuietMs.${pool}`, `expected milliseconds, at least ${LEAST_QUIET_MS}`)
  }
  return limits
}

function readPublicUrl(value: unknown, problems: Problems): string | null {
  if (value === undefined) return null
  const isHttp = typeof value === 'string' && URL.canParse(value) && /^https?:$/.test(new URL(value).protocol)
  if (isHttp) return value.replace(/\/+$/, '')
  problems.add('publicUrl', 'expected the address of the dashboard, such as https://poolscope.example.com')
  return null
}

function readFlag(value: unknown, path: string, problems: Problems): boolean {
  if (typeof value === 'boolean') return value
  if (value !== undefined) problems.add(path, 'expected true or false')
  return false
}

function readToken(text: Given, file: Given, secrets: SecretReader, problems: Problems): string | null {
  const given = problems.secret(text, file, secrets)
  if (given === null) return null
  const { value, path } = given
  if (value.length >= MIN_TOKEN_LENGTH && /^[\x21-\x7e]+$/.test(value)) return value
  problems.add(path, `expected at least ${MIN_TOKEN_LENGTH} characters of ASCII without spaces`)
  return null
}

function allowedHost(value: string): string | null {
  const host = value.toLowerCase()
  return isHost(plainHost(host)) ? host : null
}

function allowedOrigin(value: string): string | null {
  if (!URL.canParse(value)) return null
  const { origin, protocol } = new URL(value)
  const plain = protocol === 'http:' || protocol === 'https:'
  return plain && (value === origin || value === `${origin}/`) ? origin : null
}
