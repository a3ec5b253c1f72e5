import { type RefObject, useCallback, useLayoutEffect, useRef, useState } from 'react'
import { flushSync } from 'react-dom'
import { afterPaint } from '../lib/after-paint.ts'

/** Rows above and below the window that exist as well, so that scrolling meets no empty space. */
const OVERSCAN = 6
/** Where the first row stands on a page until that is measured, px from its top. */
const LIKELY_TOP_PX = 180

/** The places of the first and the last row that exist. */
type Span = { first: number; last: number }

/** What of the page the window shows. */
type View = { yPx: number; heightPx: number }

/** No window at all shows nothing, see `shells.tsx`. */
function viewNow(): View {
  return typeof window === 'undefined' ? { yPx: 0, heightPx: 0 } : { yPx: scrollY, heightPx: innerHeight }
}

/** What of a long list is to be drawn. */
export type RowWindow = Span & {
  /** Most rows that are ever between first and last in a window as high as this one. */
  places: number
  /** Where the first row begins, px from the top of the page; null before that is measured. */
  topPx: number | null
  /** Scrolls no further than needed until a row stands clear of the edges of the window. */
  reveal: (index: number) => void
}

/**
 * Which rows of a list of equally high rows are on screen. The page scrolls, not the list. The first answer holds
 * what the window shows and nothing more, so that it is painted soon; the rows around it follow after that paint.
 * @param list what holds the rows; it begins where the first one does
 * @param count rows there are
 * @param rowPx height of each
 * @param coveredPx what sticks to the top of the window and would cover a row
 */
export function useRowWindow({
  list,
  count,
  rowPx,
  coveredPx,
}: {
  list: RefObject<HTMLElement | null>
  count: number
  rowPx: number
  coveredPx: number
}): RowWindow {
  const [topPx, setTop] = useState<number | null>(null)
  const [overscan, setOverscan] = useState(0)
  // Kept, because to ask in the middle of a change lays out the page once more.
  const [view, setView] = useState(viewNow)
  const spanIn = useCallback(
    ({ yPx, heightPx }: View): Span => {
      const abovePx = yPx - (topPx === null ? LIKELY_TOP_PX : topPx)
      return {
        first: Math.max(0, Math.floor(abovePx / rowPx) - overscan),
        last: Math.ceil((abovePx + heightPx) / rowPx) - 1 + overscan,
      }
    },
    [topPx, rowPx, overscan],
  )
  const span = spanIn(view)
  const drawn = useRef(span)
  drawn.current = span

  // What stands above the list changes with what is wrong and with the width of the window.
  useLayoutEffect(() => {
    const element = list.current
    if (element === null) return
    // Called after each layout that changes the page, the first one included: asking then lays out nothing anew.
    const observer = new ResizeObserver(() => setTop(element.getBoundingClientRect().top + scrollY))
    observer.observe(document.body)
    return () => observer.disconnect()
  }, [list])

  useLayoutEffect(() => {
    const follow = () => {
      const now = viewNow()
      const { first, last } = spanIn(now)
      // Within the event, so that the rows are there in the very frame that shows the new place.
      if (first !== drawn.current.first || last !== drawn.current.last) flushSync(() => setView(now))
    }
    addEventListener('scroll', follow, { passive: true })
    addEventListener('resize', follow)
    return () => {
      removeEventListener('scroll', follow)
      removeEventListener('resize', follow)
    }
  }, [spanIn])

  const empty = count === 0
  useLayoutEffect(() => (empty ? undefined : afterPaint(() => setOverscan(OVERSCAN))), [empty])

  const reveal = useCallback(
    (index: number) => {
      const element = list.current
      if (element === null) return
      const y = element.getBoundingClientRect().top + scrollY + index * rowPx
      if (y < scrollY + coveredPx) scrollTo({ top: y - coveredPx })
      else if (y + rowPx > scrollY + innerHeight) scrollTo({ top: y + rowPx - innerHeight })
    },
    [list, rowPx, coveredPx],
  )
  const places = Math.ceil(view.heightPx / rowPx) + 1 + 2 * OVERSCAN
  return { first: span.first, last: Math.min(count - 1, span.last), places, topPx, reveal }
}
