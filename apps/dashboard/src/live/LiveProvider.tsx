import { type ReactNode, useEffect } from 'react'
import { LiveContext } from './hooks.ts'
import type { LiveStore } from './live-store.ts'

/** Runs the store while mounted and gives it to the hooks of `live/hooks.ts`. */
export function LiveProvider({ store, children }: { store: LiveStore; children: ReactNode }) {
  useEffect(() => {
    const cancel = afterPaint(() => store.start())
    return () => {
      cancel()
      store.stop()
    }
  }, [store])
  return <LiveContext value={store}>{children}</LiveContext>
}

/**
 * Runs `work` once what stands on the page is painted: data that comes at once would hold that up. In a hidden tab
 * nothing is painted, and there it runs now.
 */
function afterPaint(work: () => void): () => void {
  if (document.visibilityState !== 'visible') {
    work()
    return () => {}
  }
  let timer: ReturnType<typeof setTimeout> | undefined
  const frame = requestAnimationFrame(() => {
    timer = setTimeout(work)
  })
  return () => {
    cancelAnimationFrame(frame)
    clearTimeout(timer)
  }
}
