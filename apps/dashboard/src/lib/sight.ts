/** Whether what draws by itself can be seen. */
export type Sight = {
  /** Asked before drawing: false says to leave it out, and then it is drawn as the element comes into view. */
  allows: () => boolean
  stop: () => void
}

/**
 * Watches whether an element is on screen; it counts as seen until that is known.
 * @param onReturn called as it comes into view, when something was left out meanwhile
 * @param nearPx so far above or below the window counts as seen
 */
export function watchSight(element: Element | null, onReturn: () => void, nearPx = 0): Sight {
  let seen = true
  let late = false
  const observer = new IntersectionObserver(
    (entries) => {
      seen = entries.at(-1)?.isIntersecting ?? true
      if (!seen || !late) return
      late = false
      onReturn()
    },
    { rootMargin: `${nearPx}px 0px` },
  )
  if (element !== null) observer.observe(element)
  return {
    allows: () => {
      if (!seen) late = true
      return seen
    },
    stop: () => observer.disconnect(),
  }
}
