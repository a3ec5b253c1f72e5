import type { AlertCounts, Alerts } from '@poolscope/protocol'
import { useEffect, useState } from 'react'
import { usePhase } from '../live/hooks.ts'
import { fetchJson } from './fetch-json.ts'

/** How often the number of alerts is asked for, ms. */
const EVERY_MS = 5000

/** How many alerts fire, by severity; null while that is not known. Asks by itself, so that it works on every page. */
export function useFiring(): AlertCounts['firing'] | null {
  const phase = usePhase()
  const [firing, setFiring] = useState<AlertCounts['firing'] | null>(null)
  useEffect(() => {
    setFiring(null)
    if (phase !== 'live') return
    const left = new AbortController()
    const ask = async () => {
      // A tab in the background has a title, and the title counts.
      const answer = await fetchJson('/api/v1/alerts?state=firing', { signal: left.signal }).catch(() => null)
      if (!left.signal.aborted) setFiring((answer as Alerts | null)?.counts.firing ?? null)
    }
    void ask()
    const timer = setInterval(ask, EVERY_MS)
    return () => {
      left.abort()
      clearInterval(timer)
    }
  }, [phase])
  return firing
}
