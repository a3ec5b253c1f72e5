import { Icon } from './icons.tsx'
import styles from './SortHeader.module.css'

/** The button in a column's heading: the first press sorts its natural way, the next turns it round. */
export function SortButton({
  label,
  sorted,
  onSort,
  end = false,
}: {
  label: string
  sorted: 'ascending' | 'descending' | null
  onSort: () => void
  /** The label stands at the end of its column, so the arrow goes before it. */
  end?: boolean
}) {
  return (
    <button
      type="button"
      className={styles.button}
      data-end={end}
      data-sorted={sorted ?? undefined}
      onClick={onSort}
    >
      <span>{label}</span>
      <span className={styles.arrow}>
        <Icon name={sorted === 'ascending' ? 'up' : 'down'} />
      </span>
    </button>
  )
}
