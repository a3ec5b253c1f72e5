import type { ServerTarget } from './config.ts'
import { parseServerUrl, withPassword } from './parse-server-url.ts'
import type { Problems } from './problems.ts'
import type { SecretReader } from './secret-reader.ts'

const SERVER_KEYS = ['url', 'name', 'password', 'passwordFile'] as const

/** The servers to watch, from the command line and from the file. */
export type ServersInput = {
  urls: readonly string[]
  file: unknown
  secrets: SecretReader
  problems: Problems
}

/** Reads every server; what is wrong is added to `problems` and left out. */
export function readServers({ urls, file, secrets, problems }: ServersInput): ServerTarget[] {
  const found: { target: ServerTarget; path: string }[] = []
  const take = (url: string, name: string | null, path: string) => {
    const parsed = parseServerUrl(url, name)
    if ('problem' in parsed) problems.add(path, parsed.problem)
    else found.push({ target: parsed.target, path })
  }
  urls.forEach((url, index) => {
    take(url, null, urls.length === 1 ? 'URL' : `URL ${index + 1}`)
  })
  if (file !== undefined && !Array.isArray(file)) problems.add('servers', 'expected a list')
  const entries: unknown[] = Array.isArray(file) ? file : []
  entries.forEach((entry, index) => {
    const path = `servers[${index}]`
    const server = problems.object(typeof entry === 'string' ? { url: entry } : entry, path, SERVER_KEYS)
    const url = readUrl(server, path, secrets, problems)
    const name = readName(server.name, `${path}.name`, problems)
    if (url !== null) take(url, name, `${path}.url`)
  })
  refuseTwins(found, problems)
  return found.map(({ target }) => target)
}

function readUrl(
  server: Partial<Record<(typeof SERVER_KEYS)[number], unknown>>,
  path: string,
  secrets: SecretReader,
  problems: Problems,
): string | null {
  const password = problems.secret(
    { value: server.password, path: `${path}.password` },
    { value: server.passwordFile, path: `${path}.passwordFile` },
    secrets,
  )
  if (typeof server.url !== 'string') {
    problems.add(`${path}.url`, 'expected a URL such as postgresql://poolscope@db.internal:5432/app')
    return null
  }
  const url = problems.expanded(server.url, `${path}.url`, secrets, encodeURIComponent)
  return url === null || password === null ? url : withPassword(url, password.value)
}

function readName(value: unknown, path: string, problems: Problems): string | null {
  if (value === undefined) return null
  if (typeof value === 'string' && /^[^\p{Cc}]{1,100}$/u.test(value)) return value
  problems.add(path, 'expected a name of 1 to 100 characters')
  return null
}

/** A server that is watched twice would count every connection twice. */
function refuseTwins(found: readonly { target: ServerTarget; path: string }[], problems: Problems): void {
  const seen = new Map<string, string>()
  for (const { target, path } of found) {
    const key = `${target.system} ${target.address}`
    const earlier = seen.get(key)
    if (earlier === undefined) seen.set(key, path)
    else
      problems.add(path, `expected another server than ${earlier}; one database of a server shows all of it`)
  }
}
