/**
 * Runs what can wait until the next frame has been painted. In a hidden tab nothing is painted, and there it runs now.
 * @returns takes it back while it still waits
 */
export function afterPaint(run: () => void): () => void {
  if (document.visibilityState !== 'visible') {
    run()
    return () => undefined
  }
  let timer: ReturnType<typeof setTimeout> | undefined
  // A frame's callback runs before its paint, a timer that is set there after it.
  const frame = requestAnimationFrame(() => {
    timer = setTimeout(run, 0)
  })
  return () => {
    cancelAnimationFrame(frame)
    clearTimeout(timer)
  }
}
