/** Somebody who does not answer for so long will not. */
const TIMEOUT_MS = 10_000
/** A receiver that asks for a longer pause is asked again all the same. */
const LONGEST_PAUSE_MS = 300_000

/** What became of a message. No text in it holds the address, which may be a secret. */
export type Posted =
  | { outcome: 'taken' }
  /** It may be taken later; `afterMs` as the receiver asked, null where it did not. */
  | { outcome: 'later'; reason: string; afterMs: number | null }
  /** It never will be. */
  | { outcome: 'refused'; reason: string }

/** Sends JSON. Never throws. */
export async function postJson(
  url: string,
  body: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Posted> {
  const { address, authorization } = withoutCredentials(url)
  try {
    const response = await fetch(address, {
      method: 'POST',
      body,
      headers: {
        'content-type': 'application/json',
        'user-agent': 'poolscope',
        ...authorization,
        ...headers,
      },
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    })
    await response.body?.cancel()
    if (response.ok) return { outcome: 'taken' }
    const reason = `answered ${response.status}`
    const passing = response.status >= 500 || response.status === 429 || response.status === 408
    return passing ? { outcome: 'later', reason, afterMs: pauseOf(response) } : { outcome: 'refused', reason }
  } catch (error) {
    return { outcome: 'later', reason: reasonOf(error), afterMs: null }
  }
}

/** Only the code of what went wrong: messages of the system hold addresses. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'failed'
  if (error.name === 'TimeoutError') return `no answer within ${TIMEOUT_MS / 1000} s`
  if (error.name === 'AbortError') return 'stopped'
  const { cause } = error
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  return typeof code === 'string' ? `failed with ${code}` : 'failed: no connection, or a redirect'
}

function pauseOf({ headers }: Response): number | null {
  const text = headers.get('retry-after')
  const seconds = text === null ? Number.NaN : Number(text)
  return Number.isNaN(seconds) || seconds < 0 ? null : Math.min(seconds * 1000, LONGEST_PAUSE_MS)
}

/** Credentials in a URL go into a header. */
function withoutCredentials(url: string): { address: string; authorization: Record<string, string> } {
  const parsed = new URL(url)
  if (parsed.username === '' && parsed.password === '') return { address: url, authorization: {} }
  const pair = `${decodeURIComponent(parsed.username)}:${decodeURIComponent(parsed.password)}`
  parsed.username = ''
  parsed.password = ''
  return {
    address: parsed.href,
    authorization: { authorization: `Basic ${Buffer.from(pair).toString('base64')}` },
  }
}
