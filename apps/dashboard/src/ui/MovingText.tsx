import { useRef, useState } from 'react'
import { cx } from '../lib/cx.ts'
import { type Moving, useWriting } from '../lib/moving.ts'
import styles from './MovingText.module.css'

/** The text of a moving value, written at each change without rendering. */
export function MovingText<T>({
  of,
  text,
  room,
  className,
}: {
  of: Moving<T>
  text: (value: T) => string
  /** Characters that it has room for, at the end of a line of its own: another text then lays out nothing but itself. */
  room?: number
  className?: string | undefined
}) {
  const element = useRef<HTMLSpanElement>(null)
  // The first text and no other is React's: what it does not know to change it leaves alone.
  const [first] = useState(() => text(of.now))
  const shown = useRef(first)
  useWriting(of, (value) => {
    const now = text(value)
    if (now === shown.current || element.current === null) return
    shown.current = now
    writeText(element.current, now)
  })
  return (
    <span
      ref={element}
      className={cx(room !== undefined && styles.room, className)}
      style={room === undefined ? undefined : { width: `${room}ch` }}
    >
      {first}
    </span>
  )
}

/** Another text for an element that holds nothing else. The text node stays: replacing its data is the cheapest change there is. */
function writeText(element: Element, text: string): void {
  if (element.firstChild === null) element.textContent = text
  else element.firstChild.nodeValue = text
}
