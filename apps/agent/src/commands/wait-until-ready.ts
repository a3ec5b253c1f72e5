import { setTimeout as sleep } from 'node:timers/promises'
import type { Fleet } from '@poolscope/protocol'
import { StartError } from './command.ts'
import { StoppedError } from './steps.ts'

const EVERY_MS = 100
/** The processes of a demo begin all at once, which takes a busy machine long. */
const DEADLINE_MS = 90_000

/** What must be there before a person is sent to the page. */
export type Ready = {
  url: string
  token: string | null
  signal: AbortSignal
  /** True when the fleet shows all that it should. */
  complete: (fleet: Fleet) => boolean
}

/**
 * Waits until the page and a complete fleet are served.
 * @throws StartError after 90 s, StoppedError when stopped
 */
export async function waitUntilReady({ url, token, signal, complete }: Ready): Promise<void> {
  const headers = token === null ? {} : { authorization: `Bearer ${token}` }
  const get = (path: string) =>
    fetch(new URL(path, url), { headers, signal: AbortSignal.any([signal, AbortSignal.timeout(2000)]) })
  const deadlineMs = performance.now() + DEADLINE_MS
  while (performance.now() < deadlineMs) {
    if (signal.aborted) throw new StoppedError()
    try {
      const [page, fleet] = await Promise.all([get('/'), get('/api/v1/fleet')])
      await page.arrayBuffer()
      if (page.ok && fleet.ok && complete((await fleet.json()) as Fleet)) return
    } catch {
      // Not yet.
    }
    await sleep(EVERY_MS)
  }
  throw new StartError('The dashboard did not come up within 90 s.')
}
