import { useEffect, useState } from 'react'
import { mountInTurn } from './mount-queue.ts'

/**
 * The value, each change of it when its turn comes: what is drawn from it is drawn on its own, so that several charts
 * that change at once are no long task. Null until the first turn.
 * @param value memoise it: another object is another turn
 */
export function useInTurn<T>(value: T): T | null {
  const [shown, show] = useState<{ value: T } | null>(null)
  useEffect(() => mountInTurn(() => show({ value })), [value])
  return shown === null ? null : shown.value
}
