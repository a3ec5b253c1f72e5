import { useEffect, useState } from 'react'

/** The time of day, epoch ms, renewed every `everyMs` while the tab is visible. */
export function useNow(everyMs = 1000): number {
  const [nowMs, setNow] = useState(() => Date.now())
  useEffect(() => {
    const tick = () => {
      if (document.visibilityState === 'visible') setNow(Date.now())
    }
    const timer = setInterval(tick, everyMs)
    document.addEventListener('visibilitychange', tick)
    return () => {
      clearInterval(timer)
      document.removeEventListener('visibilitychange', tick)
    }
  }, [everyMs])
  return nowMs
}

/** False, and true once the component has been mounted for `afterMs`: what is fast shows no skeleton. */
export function useLater(afterMs: number): boolean {
  const [later, setLater] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setLater(true), afterMs)
    return () => clearTimeout(timer)
  }, [afterMs])
  return later
}
