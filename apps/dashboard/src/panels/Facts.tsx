import type { Fact } from '@poolscope/protocol'
import { formatFact } from '../lib/format-fact.ts'
import styles from './Facts.module.css'

/** The numbers and words behind a verdict, each with its unit. */
export function Facts({ facts }: { facts: readonly Fact[] }) {
  return (
    <dl className={styles.facts}>
      {facts.map((fact) => (
        <div key={fact.name} className={styles.fact}>
          <dt>{fact.name}</dt>
          <dd>{formatFact(fact)}</dd>
        </div>
      ))}
    </dl>
  )
}
