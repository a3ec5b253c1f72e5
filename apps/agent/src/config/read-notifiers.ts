import { SEVERITIES, type Severity } from '@poolscope/protocol'
import type { NotifierConfig } from '../alerts/notifiers/notifier.ts'
import type { Problems } from './problems.ts'
import type { SecretReader } from './secret-reader.ts'
import { suggest } from './suggest.ts'

const TYPES = ['alertmanager', 'webhook', 'slack'] as const
const KEYS = ['type', 'name', 'url', 'urlFile', 'secret', 'secretFile', 'atLeast'] as const
/** Shorter ones can be guessed by whoever sees a signed message. */
const MIN_SECRET_LENGTH = 16

type Given = Partial<Record<(typeof KEYS)[number], unknown>>

/** Reads where people are told. What is wrong is added to `problems` and left out. */
export function readNotifiers(value: unknown, secrets: SecretReader, problems: Problems): NotifierConfig[] {
  if (value === undefined) return []
  if (!Array.isArray(value)) {
    problems.add('notifiers', 'expected a list')
    return []
  }
  const names = new Set<string>()
  return value.flatMap((entry: unknown, index) => {
    const path = `notifiers[${index}]`
    const notifier = readNotifier(problems.object(entry, path, KEYS), path, secrets, problems)
    if (notifier === null) return []
    if (names.has(notifier.name))
      problems.add(`${path}.name`, 'expected another name than an earlier notifier has')
    names.add(notifier.name)
    return [notifier]
  })
}

function readNotifier(
  given: Given,
  path: string,
  secrets: SecretReader,
  problems: Problems,
): NotifierConfig | null {
  const type = TYPES.find((known) => known === given.type)
  if (type === undefined) {
    const meant = typeof given.type === 'string' ? suggest(given.type, TYPES) : null
    problems.add(
      `${path}.type`,
      meant === null
        ? `expected one of ${TYPES.join(', ')}`
        : `expected one of ${TYPES.join(', ')}; did you mean ${meant}?`,
    )
    return null
  }
  const url = readUrl(given, path, secrets, problems)
  const atLeast = readSeverity(given.atLeast, `${path}.atLeast`, problems)
  const name = readName(given.name, type, `${path}.name`, problems)
  if (type !== 'webhook') {
    for (const key of ['secret', 'secretFile'] as const) {
      if (given[key] !== undefined) problems.add(`${path}.${key}`, 'expected none; only a webhook is signed')
    }
    return url === null ? null : { type, name, url, atLeast }
  }
  const secret = problems.secret(
    { value: given.secret, path: `${path}.secret` },
    { value: given.secretFile, path: `${path}.secretFile` },
    secrets,
  )
  if (secret === null || secret.value.length < MIN_SECRET_LENGTH) {
    const at = secret?.path ?? `${path}.secret`
    problems.add(
      at,
      `expected at least ${MIN_SECRET_LENGTH} characters, by which the receiver checks who sends`,
    )
    return null
  }
  return url === null ? null : { type, name, url, secret: secret.value, atLeast }
}

/** The address may be a secret by itself, as those of Slack are. */
function readUrl(given: Given, path: string, secrets: SecretReader, problems: Problems): string | null {
  const text = problems.secret(
    { value: given.url, path: `${path}.url` },
    { value: given.urlFile, path: `${path}.urlFile` },
    secrets,
  )
  const isHttp = text !== null && URL.canParse(text.value) && /^https?:$/.test(new URL(text.value).protocol)
  if (isHttp) return text.value
  problems.add(text?.path ?? `${path}.url`, 'expected an address that begins with https:// or http://')
  return null
}

function readSeverity(value: unknown, path: string, problems: Problems): Severity {
  if (value === undefined) return 'warn'
  const severity = SEVERITIES.find((known) => known === value)
  if (severity === undefined) problems.add(path, `expected one of ${SEVERITIES.join(', ')}`)
  return severity ?? 'warn'
}

function readName(value: unknown, type: string, path: string, problems: Problems): string {
  if (value === undefined) return type
  if (typeof value === 'string' && /^[A-Za-z0-9][A-Za-z0-9 _.-]{0,49}$/.test(value)) return value
  problems.add(path, 'expected a name of 1 to 50 letters, digits, spaces, dots and dashes')
  return type
}
