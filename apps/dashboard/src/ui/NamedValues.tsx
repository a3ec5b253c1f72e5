import type { ReactNode } from 'react'
import styles from './NamedValues.module.css'

/** Names with their values, one a line; a value that is null is left out. */
export function NamedValues({ values }: { values: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className={styles.list}>
      {values.map(
        ([name, value]) =>
          value !== null && (
            <div key={name} className={styles.row}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ),
      )}
    </dl>
  )
}
