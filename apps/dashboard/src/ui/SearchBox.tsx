import { type Ref, useId, useState } from 'react'
import { Icon } from './icons.tsx'
import styles from './SearchBox.module.css'

/**
 * A field that narrows a list while one types. Esc empties it, and leaves it when it is empty. Arrow down leads into the
 * browser's own list of suggestions while there are any.
 */
export function SearchBox({
  label,
  placeholder,
  value,
  onChange,
  hint,
  suggest,
  ref,
  onDown,
}: {
  label: string
  placeholder: string
  value: string
  onChange: (value: string) => void
  /** The key that leads here. */
  hint?: string
  /** What the field could hold next, asked for while somebody is in it. */
  suggest?: (value: string) => readonly string[]
  ref?: Ref<HTMLInputElement>
  /** Enter, or arrow down without suggestions: on to the list. */
  onDown?: () => void
}) {
  const list = useId()
  const [within, setWithin] = useState(false)
  const suggestions = within && suggest !== undefined ? suggest(value) : []
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
        // Where it is off, some browsers leave out suggestions as well.
        autoComplete={suggest === undefined ? 'off' : undefined}
        list={suggest === undefined ? undefined : list}
        autoCapitalize="off"
        onFocus={() => setWithin(true)}
        onBlur={() => setWithin(false)}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') {
            event.preventDefault()
            if (value === '') event.currentTarget.blur()
            else onChange('')
          } else if (
            onDown !== undefined &&
            (event.key === 'Enter' || (event.key === 'ArrowDown' && suggestions.length === 0))
          ) {
            event.preventDefault()
            onDown()
          }
        }}
      />
      {suggest !== undefined && (
        <datalist id={list}>
          {suggestions.map((suggestion) => (
            <option key={suggestion} value={suggestion} />
          ))}
        </datalist>
      )}
      {hint !== undefined && value === '' && (
        <span className={styles.hint} aria-hidden="true">
          {hint}
        </span>
      )}
    </div>
  )
}
