import { Suspense, useState } from 'react'
import { useNow } from '../lib/clock.ts'
import { cx } from '../lib/cx.ts'
import { useHotkeys } from '../lib/hotkeys.ts'
import { lazyPart } from '../lib/lazy-part.ts'
import { rangeName } from '../lib/range-text.ts'
import { shiftRange, type TimeRange, zoomIn, zoomOut } from '../lib/time-range.ts'
import { chooseRange, followLive, undoZoom, useTimeRange, useZoomed, zoomTo } from '../lib/use-time-range.ts'
import { useLiveStore } from '../live/hooks.ts'
import type { LiveStore } from '../live/live-store.ts'
import { IconButton } from '../ui/Button.tsx'
import { Icon } from '../ui/icons.tsx'
import styles from './TimeControl.module.css'

const TimeMenu = lazyPart(() => import('./TimeMenu.tsx').then((part) => part.TimeMenu))

/** Now by the agent's clock, which is the clock of all that is shown; the viewer's before anything is heard. */
function nowOf(store: LiveStore): number {
  const { atMs } = store.newestTick
  return Number.isNaN(atMs) ? Date.now() : atMs
}

/** Which time the page shows, and what changes it, by hand and by key. */
export function TimeControl() {
  const store = useLiveStore()
  const range = useTimeRange()
  const zoomed = useZoomed()
  const nowMs = useNow(60_000)
  const [open, setOpen] = useState(false)
  const change = (by: (range: TimeRange, nowMs: number) => TimeRange) => chooseRange(by(range, nowOf(store)))
  const earlier = () => change((from, now) => shiftRange(from, -1, now))
  const later = () => change((from, now) => shiftRange(from, 1, now))
  useHotkeys({
    '[': earlier,
    ']': later,
    '-': () => change(zoomOut),
    '+': () => zoomTo(zoomIn(range, nowOf(store), null)),
    l: followLive,
    t: () => setOpen(true),
    ...(zoomed && { Escape: undoZoom }),
  })
  return (
    <div className={styles.control}>
      <IconButton name="Earlier ([)" icon="back" onClick={earlier} />
      <button
        type="button"
        className={cx(styles.range, range.kind === 'fixed' && styles.past)}
        aria-haspopup="dialog"
        aria-expanded={open}
        title="Time shown (t)"
        onClick={() => setOpen(true)}
      >
        <Icon name="clock" />
        <span className={styles.name}>{rangeName(range, nowMs)}</span>
      </button>
      <IconButton name="Later (])" icon="forward" disabled={range.kind === 'live'} onClick={later} />
      {zoomed && <IconButton name="Undo the zoom (Esc)" icon="undo" onClick={undoZoom} />}
      <Suspense>
        {open && <TimeMenu range={range} nowMs={nowOf(store)} onClose={() => setOpen(false)} />}
      </Suspense>
    </div>
  )
}
