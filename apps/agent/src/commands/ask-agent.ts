import { StartError, UsageError } from './command.ts'

/** An agent that does not answer within this time is not there. */
const DEADLINE_MS = 10_000

/**
 * Asks a running agent.
 * @param token sent as a bearer token where there is one
 * @throws UsageError for a URL that is none, StartError when there is no answer or an error
 */
export async function ask(
  url: string,
  path: string,
  token: string | undefined,
  signal: AbortSignal,
): Promise<unknown> {
  const target = URL.canParse(path, url) ? new URL(path, url) : null
  if (target === null || !/^https?:$/.test(target.protocol)) {
    throw new UsageError('--url must be the URL of an agent, such as http://127.0.0.1:7077.')
  }
  const headers: Record<string, string> = { accept: 'application/json' }
  if (token !== undefined && token !== '') headers.authorization = `Bearer ${token}`
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)])
  let response: Response
  try {
    response = await fetch(target, { headers, signal: deadline })
  } catch {
    throw new StartError(`No agent answers at ${target.origin}.`)
  }
  if (response.status === 401) {
    throw new StartError(`The agent at ${target.origin} wants its token: set POOLSCOPE_TOKEN.`)
  }
  if (!response.ok) throw new StartError(`The agent at ${target.origin} answered with ${response.status}.`)
  return response.json().catch(() => {
    throw new StartError(`What answers at ${target.origin} is no agent.`)
  })
}
