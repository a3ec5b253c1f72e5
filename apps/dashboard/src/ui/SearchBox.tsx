import type { Ref } from 'react'
import { Icon } from './icons.tsx'
import styles from './SearchBox.module.css'

/** A field that narrows a list while one types. Esc empties it, and leaves it when it is empty. */
export function SearchBox({
  label,
  placeholder,
  value,
  onChange,
  hint,
  ref,
  onDown,
}: {
  label: string
  placeholder: string
  value: string
  onChange: (value: string) => void
  /** The key that leads here. */
  hint?: string
  ref?: Ref<HTMLInputElement>
  /** Arrow down or Enter: on to the list. */
  onDown?: () => void
}) {
  return (
    <div className={styles.box}>
      <Icon name="search" />
      <input
        ref={ref}
        className={styles.input}
        type="search"
        aria-label={label}
        aria-keyshortcuts={hint}
        placeholder={placeholder}
        value={value}
        spellCheck={false}
        autoComplete="off"
        autoCapitalize="off"
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') {
            event.preventDefault()
            if (value === '') event.currentTarget.blur()
            else onChange('')
          } else if ((event.key === 'ArrowDown' || event.key === 'Enter') && onDown !== undefined) {
            event.preventDefault()
            onDown()
          }
        }}
      />
      {hint !== undefined && value === '' && (
        <span className={styles.hint} aria-hidden="true">
          {hint}
        </span>
      )}
    </div>
  )
}
