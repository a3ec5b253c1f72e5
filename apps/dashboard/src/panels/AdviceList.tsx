import type { AdviceItem } from '@poolscope/protocol'
import { type MarkStatus, StatusMark } from '../ui/StatusMark.tsx'
import styles from './AdviceList.module.css'
import { Examples } from './Examples.tsx'
import { GuideLink } from './GuideLink.tsx'

/** The mark and the word of an answer. */
export const ANSWER_WORDS: Readonly<Record<AdviceItem['state'], { mark: MarkStatus; word: string }>> = {
  fail: { mark: 'warning', word: 'not in order' },
  unknown: { mark: 'unknown', word: 'unknown' },
  pass: { mark: 'ok', word: 'in order' },
  unobservable: { mark: 'info', word: 'not to be seen' },
}

/** The items of a list by section, each with its answer and what it rests on. */
export function AdviceList({ items }: { items: readonly AdviceItem[] }) {
  const sections = [...new Set(items.map(({ section }) => section))]
  return (
    <div className={styles.sections}>
      {sections.map((section) => (
        <section key={section} aria-label={section}>
          <h3 className={styles.section}>{section}</h3>
          <ul className={styles.list}>
            {items
              .filter((item) => item.section === section)
              .map((item) => (
                <Item key={item.id} item={item} />
              ))}
          </ul>
        </section>
      ))}
    </div>
  )
}

function Item({ item: { text, state, reason, rules, examples } }: { item: AdviceItem }) {
  const { mark, word } = ANSWER_WORDS[state]
  return (
    <li className={styles.item}>
      <span className={styles.state}>
        <StatusMark status={mark} word={word} />
      </span>
      <div className={styles.what}>
        <p className={styles.text}>{text}</p>
        {reason !== null && <p className={styles.reason}>{reason}</p>}
        {state === 'fail' && <Examples examples={examples} />}
        {rules.length > 0 && (
          <p className={styles.rules}>
            {rules.map((rule) => (
              <GuideLink key={rule} guide={`rules.md#${rule}`}>
                {rule}
              </GuideLink>
            ))}
          </p>
        )}
      </div>
    </li>
  )
}
