import { useEffect, useRef } from 'react'

/** What a key does, by its `event.key`; two keys in turn are written with a space: `g f`. */
export type Hotkeys = Readonly<Record<string, (event: KeyboardEvent) => void>>

/** How long the first key of two waits for the second, ms. */
const SEQUENCE_MS = 1000

const TEXT_FIELDS = 'input:not([type=checkbox],[type=radio],[type=range]),textarea,select,[contenteditable]'
const PRESSED_BY_SPACE = 'button,summary,input,[role=button],[role=radio],[role=checkbox],[role=tab]'

function belongsToTarget(event: KeyboardEvent): boolean {
  const target = event.target
  if (!(target instanceof Element)) return false
  if (target.closest(TEXT_FIELDS) !== null) return true
  return event.key === ' ' && target.closest(PRESSED_BY_SPACE) !== null
}

/**
 * Runs what belongs to a key while the component is mounted. Keys typed into a text field, keys
 * with Ctrl, Alt or Meta, keys inside an open dialog, and Space on what Space presses are left alone.
 */
export function useHotkeys(hotkeys: Hotkeys): void {
  const current = useRef(hotkeys)
  useEffect(() => {
    current.current = hotkeys
  })
  useEffect(() => {
    let first = ''
    let firstAt = 0
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return
      if (belongsToTarget(event) || document.querySelector('dialog[open]') !== null) return
      const sequence = event.timeStamp - firstAt < SEQUENCE_MS ? `${first} ${event.key}` : ''
      const run = current.current[sequence] ?? current.current[event.key]
      first = event.key
      firstAt = event.timeStamp
      if (run === undefined) return
      event.preventDefault()
      first = ''
      run(event)
    }
    document.addEventListener('keydown', onKeyDown)
    return () => document.removeEventListener('keydown', onKeyDown)
  }, [])
}
