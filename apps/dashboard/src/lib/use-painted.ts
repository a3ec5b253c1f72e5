import { useEffect, useState } from 'react'
import { afterPaint } from './after-paint.ts'

/** False until a part of the page has been painted: what takes a while to lay out follows, not all in one piece. */
export function usePainted(): boolean {
  const [painted, setPainted] = useState(false)
  useEffect(() => afterPaint(() => setPainted(true)), [])
  return painted
}
