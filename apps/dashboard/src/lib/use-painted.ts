import { useEffect, useState } from 'react'
import { afterPaint } from './after-paint.ts'

/**
 * False until a part of the page has been painted: what takes a while to lay out follows, not all in one piece.
 * @param begin false while something else comes before
 */
export function usePainted(begin = true): boolean {
  const [painted, setPainted] = useState(false)
  useEffect(() => (begin ? afterPaint(() => setPainted(true)) : undefined), [begin])
  return painted
}
