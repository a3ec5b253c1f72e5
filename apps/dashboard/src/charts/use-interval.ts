import { useEffect, useEffectEvent } from 'react'

/** Runs at once and then every `everyMs`, but not in a hidden tab: nobody reads there. */
export function useVisibleInterval(run: () => void, everyMs: number): void {
  const latest = useEffectEvent(run)
  useEffect(() => {
    latest()
    const timer = setInterval(() => {
      if (document.visibilityState !== 'hidden') latest()
    }, everyMs)
    return () => clearInterval(timer)
  }, [everyMs])
}
