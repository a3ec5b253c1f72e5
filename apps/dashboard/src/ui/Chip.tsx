import type { ReactNode } from 'react'
import styles from './Chip.module.css'

/** A choice that is on or off, such as a filter. */
export function Chip({
  pressed,
  onPress,
  children,
  disabled = false,
  title,
}: {
  pressed: boolean
  onPress: () => void
  children: ReactNode
  disabled?: boolean
  title?: string
}) {
  return (
    <button
      type="button"
      className={styles.chip}
      aria-pressed={pressed}
      onClick={onPress}
      disabled={disabled}
      title={title}
    >
      {children}
    </button>
  )
}

/** Chips that belong together. @param legend what they are for, said rather than shown */
export function ChipSet({ legend, children }: { legend: string; children: ReactNode }) {
  return (
    <fieldset className={styles.set}>
      <legend className="spoken">{legend}</legend>
      {children}
    </fieldset>
  )
}

/** A small word beside a name that says what kind of thing it is. */
export function Tag({ children, title }: { children: ReactNode; title?: string }) {
  return (
    <span className={styles.tag} title={title}>
      {children}
    </span>
  )
}
