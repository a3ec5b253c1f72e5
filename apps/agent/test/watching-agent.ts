import type { Config } from '../src/config/config.ts'
import { parseServerUrl } from '../src/config/parse-server-url.ts'
import { DEFAULT_BUDGET_BYTES, DEFAULT_TIERS } from '../src/history/tiers.ts'
import { type RunningAgent, startAgent } from '../src/start-agent.ts'

/** The agent as `serve` starts it, on a free port, watching these servers. */
export function startWatchingAgent(urls: string[], over: Partial<Config> = {}): Promise<RunningAgent> {
  const servers = urls.map((url) => {
    const parsed = parseServerUrl(url, null)
    if ('problem' in parsed) throw new TypeError(parsed.problem)
    return parsed.target
  })
  return startAgent({
    host: '127.0.0.1',
    port: 0,
    servers,
    history: { dir: null, tiers: DEFAULT_TIERS, budgetBytes: DEFAULT_BUDGET_BYTES },
    token: null,
    allowedHosts: [],
    allowedOrigins: [],
    embedParents: [],
    leakQuietMs: {},
    rules: {},
    notifiers: [],
    publicUrl: null,
    knob: false,
    healthCompatibility: false,
    logLevel: 'silent',
    ...over,
  })
}

/** The value of the one line of Prometheus text with this name and all these labels; null when there is none. */
export function metricOf(text: string, name: string, labels: Record<string, string>): number | null {
  const parts = Object.entries(labels).map(([label, value]) => `${label}="${value}"`)
  const found = text
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) && parts.every((part) => line.includes(part)))
  if (found.length > 1) throw new RangeError(`${found.length} lines of ${name}`)
  const value = found[0]?.slice(found[0].lastIndexOf(' ') + 1)
  return value === undefined ? null : Number(value)
}
