import { StartError, UsageError } from './command.ts'

/** An agent that does not answer within this time is not there. */
const DEADLINE_MS = 10_000

/** Where a running agent is, and how it is asked. */
export type AskedAgent = {
  url: string
  /** Sent as a bearer token where there is one. */
  token: string | undefined
  signal: AbortSignal
}

/**
 * Asks a running agent for JSON.
 * @throws UsageError for a URL that is none, StartError when there is no answer, an error, or no JSON
 */
export async function ask(agent: AskedAgent, path: string): Promise<unknown> {
  const response = await answerOf(agent, path, 'application/json')
  return response.json().catch(() => {
    throw noAgent(response)
  })
}

/**
 * Asks a running agent for bytes.
 * @throws UsageError for a URL that is none, StartError when there is no answer, an error, or nothing in it
 */
export async function askBytes(agent: AskedAgent, path: string): Promise<ReadableStream<Uint8Array>> {
  const response = await answerOf(agent, path, 'application/octet-stream')
  if (response.body === null) throw noAgent(response)
  return response.body
}

async function answerOf({ url, token, signal }: AskedAgent, path: string, accept: string): Promise<Response> {
  const target = URL.canParse(path, url) ? new URL(path, url) : null
  if (target === null || !/^https?:$/.test(target.protocol)) {
    throw new UsageError('--url must be the URL of an agent, such as http://127.0.0.1:7077.')
  }
  const headers: Record<string, string> = { accept }
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
  return response
}

function noAgent({ url }: Response): StartError {
  return new StartError(`What answers at ${new URL(url).origin} is no agent.`)
}
